#!/usr/bin/env bash
# Sets up what the notebooks need, inside the project folder: the Python environment in .venv, the
# compiled project and the Java kernel. Safe to run again: it skips what is up to date.
#
# DEVICE=gpu omits the CPU build of PyTorch, so that DJL downloads the CUDA build for this machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

PROJECT=$PWD
DEVICE=${DEVICE:-cpu}
DEPENDENCY_PLUGIN=org.apache.maven.plugins:maven-dependency-plugin:3.8.1

# Where PyTorch is unpacked, or downloaded for a GPU.
export DJL_CACHE_DIR=$PROJECT/.cache/djl

# Java reads file names in the locale's encoding, which must hold every letter of this folder's name.
[[ $(locale charmap 2>/dev/null) == UTF-8 ]] || export LC_ALL=C.UTF-8

say() { printf '%s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# -- tools ---------------------------------------------------------------------------------------

java_command() {
  if [[ -n ${JAVA_HOME:-} && -x $JAVA_HOME/bin/java ]]; then
    printf '%s\n' "$JAVA_HOME/bin/java"
  else
    command -v java || true
  fi
}

check_java_starts() {
  local java said
  java=$(java_command)
  [[ -z $java ]] || said=$("$java" -version 2>&1) \
    || fail "Expected $java to start, found: $said
Check JAVA_HOME and JDK_JAVA_OPTIONS."
}

java_property() { # empty if there is no Java
  local java
  java=$(java_command)
  [[ -n $java ]] || return 0
  "$java" -XshowSettings:properties -version 2>&1 | sed -n "s/^ *$1 = //p"
}

java_version() { java_property java.specification.version; } # 17, 21, 25 ...

has_jdk() {
  local version
  version=$(java_version)
  [[ $version =~ ^[0-9]+$ && $version -ge 17 ]] && "$(java_command)" --list-modules | grep -q '^jdk.jshell'
}

has_maven() {
  local version
  version=$(mvn -v 2>/dev/null | sed -n 's/.*Apache Maven \([0-9]*\.[0-9]*\).*/\1/p')
  [[ -n $version && $(printf '%s\n' 3.8 "$version" | sort -V | head -1) == 3.8 ]]
}

has_python() { python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; }

has_make() { command -v make >/dev/null; }

# Charts contain text, so Java needs at least one font.
has_fonts() { [[ $(uname) != Linux ]] || { command -v fc-list >/dev/null && [[ -n $(fc-list | head -1) ]]; }; }

# Java draws text with this library, which the JDK of Debian 13 only recommends.
has_harfbuzz() {
  [[ $(uname) != Linux ]] \
    || ! ldd "$(dirname "$(readlink -f "$(java_command)")")/../lib/libfontmanager.so" 2>/dev/null | grep 'libharfbuzz.* not found' >/dev/null
}

missing_packages() { # one line per missing tool: its description|its Debian packages
  has_jdk || say "a JDK, 17 or newer (found: $(java_version | grep . || say none))|default-jdk-headless libharfbuzz0b"
  has_maven || say "Maven 3.8 or newer|maven"
  has_python || say "Python 3.9 or newer with its venv module|python3 python3-venv"
  has_harfbuzz || say "HarfBuzz, with which Java draws text|libharfbuzz0b"
  has_make || say "make|make"
  has_fonts || say "a font|fontconfig fonts-dejavu-core"
}

as_root_on_debian() { [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; }

install_packages() {
  say "Installing: $*"
  mkdir -p /usr/share/man/man1 # Debian's slim images lack it, and its JDK does not install without it
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

check_tools() {
  local missing packages
  check_java_starts
  missing=$(missing_packages)
  [[ -n $missing ]] || return 0
  packages=$(cut -d'|' -f2 <<<"$missing" | tr '\n' ' ')
  if as_root_on_debian; then
    # shellcheck disable=SC2086 # a list of words
    install_packages $packages
    missing=$(missing_packages)
    [[ -n $missing ]] || return 0
  fi
  fail "missing:
$(cut -d'|' -f1 <<<"$missing" | sed 's/^/  - /')
On Debian or Ubuntu:
  sudo apt-get install $packages
If your JDK is not on the PATH, set JAVA_HOME."
}

# Java calls the home of a user without an entry in the password file "?", and Maven would fill a folder of that
# name.
home_folder() {
  local home=${HOME:-}
  [[ $(java_property user.home) == '?' ]] || return 0
  [[ -w $home ]] || home=$PROJECT/.cache/home
  home_options=("-Duser.home=$home")
  export JDK_JAVA_OPTIONS="${JDK_JAVA_OPTIONS:-} \"-Duser.home=$home\""
}

# -- Python environment --------------------------------------------------------------------------

python_environment() {
  local log=.venv/pip.log wanted
  wanted=$(wanted_packages)
  if cmp -s "$wanted" .venv/wanted && .venv/bin/python -c 'import jupyter_client' 2>/dev/null; then
    say "Python environment: ready"
    return
  fi
  say "Python environment: installing JupyterLab into .venv (see $log)"
  python3 -m venv --clear .venv
  if ! .venv/bin/python -m pip install --disable-pip-version-check --retries 1 --timeout 15 \
      -r "$wanted" >"$log" 2>&1; then
    debian_jupyter "$log"
  fi
  cp "$wanted" .venv/wanted
}

# The packages with their hashes, where these are known for machines of this kind: pip then installs nothing else.
wanted_packages() {
  local lock
  lock=$(python3 environment/lock.py --name)
  if [[ -f $lock ]]; then say "$lock"; else say environment/requirements.txt; fi
}

# Fallback if pip cannot reach an index: Debian's packages, with the classic notebook server instead
# of JupyterLab.
debian_jupyter() {
  say "pip could not install JupyterLab:"
  tail -3 "$1" | cut -c1-200
  if ! python3 -c 'import nbclient, nbconvert, notebook' 2>/dev/null; then
    as_root_on_debian || fail "Run make setup again where pip can reach an index, or on Debian or Ubuntu:
  sudo apt-get install jupyter-notebook jupyter-nbconvert python3-nbclient"
    install_packages jupyter-notebook jupyter-nbconvert python3-nbclient
  fi
  say "Using the system's Jupyter packages instead."
  python3 -m venv --clear --system-site-packages .venv
}

# -- Java ----------------------------------------------------------------------------------------

# class_path_exists FOLDER: checks for all libraries, because a copied folder may name those of another user.
class_path_exists() {
  local file=$1/target/classpath.txt IFS=:
  # shellcheck disable=SC2046 # a list of files
  [[ -f $file ]] && ls $(cat "$file") >/dev/null 2>&1
}

# build NAME FOLDER GOAL OPTIONS...: if a source is newer than the last build, compiles and writes
# target/classpath.txt.
build() {
  local name=$1 folder=$2 goal=$3 stamp sources
  shift 3
  stamp=$folder/target/setup-$DEVICE
  sources=$(find "$folder/pom.xml" "$folder/src/main" | sort)
  if [[ $sources == "$(cat "$stamp" 2>/dev/null)" \
      && -z $(find "$folder/pom.xml" "$folder/src/main" -newer "$stamp" -print -quit) ]] \
      && class_path_exists "$folder"; then
    say "$name: ready"
    return
  fi
  say "$name: building"
  # A source that is gone must not leave its classes behind.
  rm -rf "$folder"/target/setup-* "$folder/target/classes"
  mvn -q -f "$folder/pom.xml" -Dquick -DskipTests "$@" "$goal" "$DEPENDENCY_PLUGIN:build-classpath" \
    -Dmdep.outputFile=target/classpath.txt -DincludeScope=runtime -Dmdep.regenerateFile=true
  printf '%s\n' "$sources" >"$stamp"
}

# On some virtual machines oneDNN computes wrong convolutions (see ConvolutionCheck.java) unless it is
# limited to older instructions.
# The Makefile and the kernel read the file that this function writes.
convolutions() {
  local file=environment/share/dnnl_max_cpu_isa log=target/convolutions.log isa reason
  mkdir -p environment/share
  [[ -d $DJL_CACHE_DIR ]] || say "PyTorch: preparing $DJL_CACHE_DIR"
  for isa in "${DNNL_MAX_CPU_ISA:-}" SSE41; do
    if DNNL_MAX_CPU_ISA=$isa "$(java_command)" -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
        -cp "target/classes:$(cat target/classpath.txt)" emnist.diffusion.torch.ConvolutionCheck 2>"$log"; then
      printf '%s\n' "$isa" >"$file"
      [[ -z $isa ]] || say "Convolutions: correct with DNNL_MAX_CPU_ISA=$isa"
      return
    fi
  done
  reason=$(grep -E '^(Error|Exception|Caused by|# )' "$log" || true)
  [[ -z $reason ]] || fail "Expected PyTorch to start, found:
$reason
More is in $log."
  fail "PyTorch computes wrong convolutions on this CPU, even with DNNL_MAX_CPU_ISA=SSE41. Use another machine."
}

kernelspec() {
  local folder=environment/share/jupyter/kernels/java options=("${home_options[@]}")
  # Without these options, Java 24 and newer warn about libraries that use native code or Unsafe.
  [[ $(java_version) -lt 24 ]] \
    || options+=(--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow)
  mkdir -p "$folder"
  python3 - "$PROJECT" "$(java_command)" "${options[@]}" >"$folder/kernel.json" <<'PYTHON'
import json, os, sys

project, java, *options = sys.argv[1:]


def dependencies(folder):
    with open(os.path.join(project, folder, "target/classpath.txt"), encoding="utf-8") as file:
        return file.read().strip().split(os.pathsep)


class_path = [
    os.path.join(project, "environment/kernel/target/classes"),
    os.path.join(project, "target/classes"),
    *dependencies("environment/kernel"),
    *dependencies("."),
]
specification = {
    "argv": [
        os.path.realpath(java),
        "-Djava.awt.headless=true",
        *options,
        "-cp",
        os.pathsep.join(dict.fromkeys(class_path)),
        "emnist.kernel.JavaKernel",
        "{connection_file}",
    ],
    "display_name": "Java",
    "language": "java",
    "interrupt_mode": "message",
    "env": {
        # PyTorch's threads spin while they wait for each other. The default of some milliseconds keeps a busy
        # machine from running the thread they wait for; 0.1 ms still bridges the gaps within a step.
        "GOMP_SPINCOUNT": "10000",
        # By default glibc returns large arrays to Linux at once, and Linux zeroes their pages for the next array.
        # Keeping the memory reduces the time of a training step to 0.4 to 0.9 of that.
        "MALLOC_ARENA_MAX": "1",
        "MALLOC_MMAP_THRESHOLD_": str(1 << 32),
        "MALLOC_TRIM_THRESHOLD_": str(1 << 34),
        "DJL_CACHE_DIR": os.environ["DJL_CACHE_DIR"],
    },
}
if os.environ.get("LC_ALL") == "C.UTF-8":
    specification["env"]["LC_ALL"] = "C.UTF-8"
with open("environment/share/dnnl_max_cpu_isa", encoding="utf-8") as file:
    isa = file.read().strip()
if isa:
    specification["env"]["DNNL_MAX_CPU_ISA"] = isa
json.dump(specification, sys.stdout, indent=2)
PYTHON
  say "Java kernel: ready, with Java $(java_version), for $DEVICE"
}

case $DEVICE in
  cpu) device_options=() ;;
  gpu) device_options=(-Pgpu) ;;
  *) fail "Expected DEVICE=cpu or DEVICE=gpu, found DEVICE=$DEVICE." ;;
esac
check_tools
home_options=()
home_folder
python_environment
build "Java kernel" environment/kernel compile
build "Project" . compile "${device_options[@]}"
convolutions
kernelspec
