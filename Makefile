# The project's commands. Run `make` to list them.
#
# Settings: DEVICE=gpu, TF32=on or off, JAVA_HOME; for the notebooks PRESET, MAX_EPOCH, DATASET_LIMIT,
# EMNIST_DIR, EMNIST_SPLIT, OUTPUT_DIR, RUNS, RESUME_FROM_CHECKPOINT; for samples and quality CHECKPOINT, IMAGES,
# STEPS, OUTPUT; for samples IMAGES_PER_SHARD, MASTER; for quality SAMPLER; for gpu-report SECTIONS,
# SIZES (batch sizes; "small" for a rehearsal), PEER_PYTHON, EMNIST_DIR.
# For example: make demo MAX_EPOCH=2 DATASET_LIMIT=520

SHELL := /bin/bash
PYTHON := .venv/bin/python
NOTEBOOKS := egitim.ipynb uretim.ipynb
DEVICE ?= $(if $(filter gpu-report,$(MAKECMDGOALS)),gpu,cpu)
JAVA := $(if $(JAVA_HOME),$(JAVA_HOME)/bin/java,java)
MAVEN := mvn $(if $(filter gpu,$(DEVICE)),-Pgpu)
CHECKPOINT ?= $(OUTPUT_DIR)/epoch_50
IMAGES_PER_SHARD ?= 128
STEPS ?= 20
MASTER ?= local[*]
CLASSPATH_GOAL := org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath
SBOM_GOAL := org.cyclonedx:cyclonedx-maven-plugin:2.9.1:makeBom -DoutputFormat=json
OUTPUT_DIR ?= emnist_diffusion_model
MADE := emnist_diffusion_model evaluation_metrics_*.csv label_aligned_samples_*.png denoising_*.gif

# On a GPU, PyTorch uses TF32 for convolutions and float32 for other products by default. DJL cannot
# change this; the CUDA libraries read these variables when they start.
ifeq ($(TF32),on)
export TORCH_ALLOW_TF32_CUBLAS_OVERRIDE := 1
else ifeq ($(TF32),off)
export NVIDIA_TF32_OVERRIDE := 0
endif

# The oneDNN setting that setup found to be correct on this machine; the user can override it.
ifndef DNNL_MAX_CPU_ISA
export DNNL_MAX_CPU_ISA = $(shell cat environment/share/dnnl_max_cpu_isa 2>/dev/null)
endif

# Java reads file names in the locale's encoding, which must hold every letter of this folder's name.
ifneq ($(shell locale charmap 2>/dev/null),UTF-8)
export LC_ALL := C.UTF-8
endif

export DEVICE OUTPUT_DIR
export DJL_CACHE_DIR := $(CURDIR)/.cache/djl
export JUPYTER_PATH := $(CURDIR)/environment/share/jupyter

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo notebooks lab extras-classes samples quality pretrained test test-locales soak lock sbom audit bench-classes bench bench-peer gpu-report format clean distclean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20
	@echo "Settings: DEVICE=gpu TF32=on|off PRESET=... MAX_EPOCH=... DATASET_LIMIT=... EMNIST_DIR=... EMNIST_SPLIT=... OUTPUT_DIR=... RUNS=... RESUME_FROM_CHECKPOINT=latest"

setup: ## install and build what the notebooks need, in this folder only
	@environment/setup.sh

demo: notebooks ## train, generate, and list the results
	@echo; echo "Made:"; shopt -s nullglob; \
	  printf '  %s\n' $(NOTEBOOKS) $(MADE) $(OUTPUT_DIR)/* | sort -V

notebooks: setup ## execute both notebooks in place and keep their outputs
	@for notebook in $(NOTEBOOKS); do $(PYTHON) environment/run_notebook.py $$notebook || exit 1; done

lab: setup ## open the notebooks in JupyterLab, on this machine only
	@if $(PYTHON) -c 'import jupyterlab' 2>/dev/null; then app=jupyterlab; else app=notebook; fi; \
	$(PYTHON) -m $$app --ip=127.0.0.1 $(if $(filter 0,$(shell id -u)),--allow-root) \
	  --LabApp.app_settings_dir="$(CURDIR)/environment/lab" --MultiKernelManager.default_kernel_name=java $(firstword $(NOTEBOOKS))

# The same thread and memory settings as in the notebooks.
NOTEBOOK_SETTINGS := GOMP_SPINCOUNT=10000 MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=4294967296 \
  MALLOC_TRIM_THRESHOLD_=17179869184
EXTRAS := $(JAVA) @src/extras/jvm.options -cp "target/extras/classes:$$(cat target/extras/classpath.txt)"

extras-classes:
	$(MAVEN) -q -Pextras -Dquick -DskipTests compile $(CLASSPATH_GOAL) \
	  -Dmdep.outputFile=target/extras/classpath.txt -DincludeScope=runtime -Dmdep.regenerateFile=true

# Spark asks for the machine's own name, which not every network knows.
SPARK_ADDRESS := $(if $(filter local%,$(MASTER)),SPARK_LOCAL_IP=127.0.0.1)

samples: IMAGES ?= 1000
samples: OUTPUT ?= samples
samples: extras-classes ## generate and score many images in shards with Spark (IMAGES=1000 STEPS=20 OUTPUT=samples)
	@OMP_NUM_THREADS=1 $(SPARK_ADDRESS) $(EXTRAS) emnist.diffusion.extras.spark.GenerateSamples \
	  --checkpoint "$(CHECKPOINT)" --images $(IMAGES) --images-per-shard $(IMAGES_PER_SHARD) --steps $(STEPS) \
	  --output "$(OUTPUT)" --master "$(MASTER)"

quality: IMAGES ?= 2600
quality: OUTPUT ?= quality
quality: SAMPLER ?= DPM
quality: extras-classes ## measure a network's images beside real ones (CHECKPOINT=folder SAMPLER=DPM|DDIM|DDPM IMAGES=2600 STEPS=20)
	@$(NOTEBOOK_SETTINGS) $(EXTRAS) -Djava.awt.headless=true emnist.diffusion.extras.quality.MeasureQuality \
	  --checkpoint "$(CHECKPOINT)" --images $(IMAGES) --sampler $(SAMPLER) --steps $(STEPS) --output "$(OUTPUT)"

pretrained: OUTPUT ?= pretrained
pretrained: extras-classes ## train the network in the box again, from NIST's capitals (EMNIST_DIR=folder OUTPUT=pretrained)
	@$(NOTEBOOK_SETTINGS) $(EXTRAS) emnist.diffusion.extras.pretrained.TrainPretrained \
	  --data "$(EMNIST_DIR)" --output "$(OUTPUT)"

test: setup ## run all tests and checks
	$(MAVEN) verify
	$(MAVEN) -q -Dquick -Pgson-of-ijava -Dtest=JsonTest,JsonConfigTest,CheckpointTest,TrainLoopGoldenTest test
	$(MAVEN) -q -Pextras verify
	$(MAVEN) -q -f environment/kernel/pom.xml verify
	$(PYTHON) -m unittest -v environment/test_kernel.py environment/test_protocol.py environment/test_cells.py \
	  environment/test_magics.py environment/test_training.py environment/test_notebooks.py \
	  environment/test_foreign_kernel.py environment/test_lab.py environment/test_safetensors.py \
	  environment/test_pretrained.py environment/test_supply.py

test-locales: setup ## run the faster tests in Turkish, Persian and Egyptian Arabic
	@for locale in "tr TR" "fa IR" "ar EG"; do \
	  JDK_JAVA_OPTIONS="$$JDK_JAVA_OPTIONS -Duser.language=$${locale% *} -Duser.country=$${locale#* }" $(MAVEN) -q -Dquick \
	    -Dtest='!*FuzzTest,!ResumeTest,!KillTest,!LongRunTest,!ReadmeModelTest' test || exit 1; \
	done

soak: setup ## run the tests too slow for make test: many kills, long runs, repeated notebooks
	$(MAVEN) -q -Dquick -Dtest=KillTest,LongRunTest -Dkills=50 -Dsteps=1000 test
	@grep -ahE "kills|steps:" target/surefire-reports/*-output.txt
	$(PYTHON) environment/soak_notebooks.py

lock: setup ## write the hashes of the Python packages for machines of this kind
	@$(PYTHON) environment/lock.py

sbom: ## write software bills of materials: target/bom.json, those of the extras and the kernel in their own targets
	$(MAVEN) -q $(SBOM_GOAL)
	$(MAVEN) -q -Pextras $(SBOM_GOAL)
	$(MAVEN) -q -f environment/kernel/pom.xml $(SBOM_GOAL)

audit: setup sbom ## ask the database OSV for known weaknesses in what the bills of materials and .venv hold
	@$(PYTHON) environment/audit.py target/bom.json target/extras/bom.json environment/kernel/target/bom.json

BENCH := $(NOTEBOOK_SETTINGS) $(JAVA) -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
  -cp "target/test-classes:target/classes:$$(cat target/classpath.txt)"
PEER_PYTHON ?= .venv-peer/bin/python

bench-classes: setup
	@$(MAVEN) -q -Dquick test-compile

bench: bench-classes ## measure times, lower bounds and memory; SECTIONS="networks growth sampling rest"
	@$(BENCH) emnist.diffusion.bench.Bench $(SECTIONS)

bench-peer: bench-classes $(PEER_PYTHON) ## compare with PyTorch and diffusers in Python, if they can be installed
	@$(BENCH) emnist.diffusion.bench.PeerBench $(PEER_PYTHON)

# The tests' libraries, too; on a GPU without the CPU's PyTorch, as in the tests.
gpu-report: bench-classes ## check and measure a GPU: gpu-report.md (SECTIONS="machine correctness" SIZES="8 64 512" DEVICE=cpu)
	@$(MAVEN) -q $(CLASSPATH_GOAL) -Dmdep.outputFile=target/test-classpath.txt -Dmdep.regenerateFile=true \
	  -DincludeScope=test $(if $(filter gpu,$(DEVICE)),-DexcludeArtifactIds=pytorch-native-cpu)
	@PEER_PYTHON="$(wildcard $(PEER_PYTHON))" $(subst target/classpath.txt,target/test-classpath.txt,$(BENCH)) \
	  emnist.diffusion.bench.GpuReport $(SECTIONS)

.venv-peer/bin/python:
	@python3 -m venv .venv-peer
	@.venv-peer/bin/pip install --quiet --retries 1 torch diffusers==0.40.0 2>/dev/null || true

format: ## format the Java sources
	$(MAVEN) -q spotless:apply
	$(MAVEN) -q -f environment/kernel/pom.xml spotless:apply

clean: ## remove what was built; trained networks, scores, pictures and data/ stay
	rm -rf target environment/kernel/target environment/share environment/__pycache__ .venv .venv-peer .cache
	rm -rf .ipynb_checkpoints .evaluation_metrics_*.partial

distclean: clean ## remove trained networks, scores, pictures and samples, too; data/ stays
	@echo "Removing what training and generation have made:"; shopt -s nullglob; printf '  %s\n' $(MADE) samples quality pretrained
	@rm -rf $(MADE) samples quality pretrained
