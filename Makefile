# What can be done here. `make` alone lists it.
#
# Settings: DEVICE=gpu, JAVA_HOME, and for the notebooks PRESET, MAX_EPOCH, DATASET_LIMIT, EMNIST_DIR,
# EMNIST_SPLIT; for samples CHECKPOINT, IMAGES, IMAGES_PER_SHARD, STEPS, OUTPUT, MASTER.
# For example: make demo MAX_EPOCH=2 DATASET_LIMIT=520

SHELL := /bin/bash
PYTHON := .venv/bin/python
NOTEBOOKS := egitim.ipynb uretim.ipynb
DEVICE ?= cpu
JAVA := $(if $(JAVA_HOME),$(JAVA_HOME)/bin/java,java)
MAVEN := mvn $(if $(filter gpu,$(DEVICE)),-Pgpu)
CHECKPOINT ?= emnist_diffusion_model/epoch_50
IMAGES ?= 1000
IMAGES_PER_SHARD ?= 128
STEPS ?= 20
OUTPUT ?= samples
MASTER ?= local[*]
CLASSPATH_GOAL := org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath
MADE := emnist_diffusion_model evaluation_metrics_*.csv label_aligned_samples_*.png

export DEVICE
export JUPYTER_PATH := $(CURDIR)/environment/share/jupyter

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo notebooks lab samples test format clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20
	@echo "Settings: DEVICE=gpu PRESET=... MAX_EPOCH=... DATASET_LIMIT=... EMNIST_DIR=... EMNIST_SPLIT=..."

setup: ## install and build what the notebooks need, inside this folder
	@environment/setup.sh

demo: notebooks ## train, generate, and list what was made
	@echo; echo "Made:"; shopt -s nullglob; \
	  printf '  %s\n' $(NOTEBOOKS) $(MADE) emnist_diffusion_model/* | sort -V

notebooks: setup ## execute both notebooks in place and keep their outputs
	@for notebook in $(NOTEBOOKS); do $(PYTHON) environment/run_notebook.py $$notebook || exit 1; done

lab: setup ## open the notebooks in JupyterLab, on this machine only
	@if $(PYTHON) -c 'import jupyterlab' 2>/dev/null; then app=lab; else app=notebook; fi; \
	$(PYTHON) -m jupyter $$app --ip=127.0.0.1 $(if $(filter 0,$(shell id -u)),--allow-root) \
	  --MultiKernelManager.default_kernel_name=java $(firstword $(NOTEBOOKS))

samples: ## generate and score many images in shards with Spark (IMAGES=1000 STEPS=20 OUTPUT=samples)
	$(MAVEN) -q -Pspark -Dquick -DskipTests compile $(CLASSPATH_GOAL) \
	  -Dmdep.outputFile=target/spark/classpath.txt -DincludeScope=runtime -Dmdep.regenerateFile=true
	@OMP_NUM_THREADS=1 $(JAVA) @src/spark/jvm.options \
	  -cp "target/spark/classes:$$(cat target/spark/classpath.txt)" emnist.diffusion.spark.GenerateSamples \
	  --checkpoint "$(CHECKPOINT)" --images $(IMAGES) --images-per-shard $(IMAGES_PER_SHARD) --steps $(STEPS) \
	  --output "$(OUTPUT)" --master "$(MASTER)"

test: setup ## run all tests and checks
	$(MAVEN) verify
	$(MAVEN) -q -Pspark verify
	$(MAVEN) -q -f environment/kernel/pom.xml verify
	$(PYTHON) -m unittest -v environment/test_kernel.py environment/test_safetensors.py

format: ## format the Java sources
	$(MAVEN) -q spotless:apply
	$(MAVEN) -q -f environment/kernel/pom.xml spotless:apply

clean: ## remove everything that was made; data/ stays
	rm -rf target environment/kernel/target environment/share environment/__pycache__ .venv .cache $(MADE)
	rm -rf .ipynb_checkpoints samples
