# shellcheck shell=bash
# Installs what the scripts beside it need and this machine lacks, from Debian's own packages. Sourced, not run.
#   require_dotnet
#   require mosquitto openssl …     names of Debian packages, see is_present

# Whether what a package brings is here already, whoever installed it.
is_present() {
    case $1 in
        mosquitto) command -v mosquitto || [[ -x /usr/sbin/mosquitto ]] ;;
        mosquitto-clients) command -v mosquitto_sub ;;
        libmosquitto1) /sbin/ldconfig -p | grep -F libmosquitto.so.1 ;;
        systemd) command -v systemd-analyze ;;
        openssl) command -v openssl ;;
        g++) command -v g++ ;;
        clang) command -v clang || command -v gcc ;;
        gcc-aarch64-linux-gnu) command -v aarch64-linux-gnu-gcc ;;
        qemu-user-static) command -v qemu-aarch64-static ;;
        llvm-[0-9]*) command -v "llvm-mca-${1#llvm-}" ;;
        zlib1g-dev) [[ -e /usr/include/zlib.h ]] ;;
        *) dpkg-query -W -f '${Status}' "$1" | grep -F 'install ok installed' ;;
    esac >/dev/null 2>&1
}

# Installs the packages named that are missing; one line says which. A list that cannot be refreshed is no reason to give up.
require() {
    local package missing=() sudo=()
    for package in "$@"; do
        is_present "$package" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0

    if ! command -v apt-get >/dev/null; then
        echo "missing: ${missing[*]} (names of Debian's packages); install them and run this again" >&2
        return 4
    fi
    if ((EUID)); then
        sudo=(sudo)
    fi
    echo "installing ${missing[*]}"
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null >/dev/null 2>&1 \
        || echo "apt-get update failed; going on with the package lists that are here" >&2
    local log
    log=$(mktemp)
    if ! "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
        </dev/null >"$log" 2>&1; then
        tail -5 "$log" >&2
        rm -f "$log"
        echo "could not install ${missing[*]}; run: sudo apt-get install ${missing[*]}" >&2
        return 4
    fi
    rm -f "$log"
}

# The one thing that is not installed for you.
require_dotnet() {
    local version
    version=$(dotnet --version 2>/dev/null) && [[ ${version%%.*} -ge 10 ]] && return 0
    cat >&2 <<'TEXT'
The .NET SDK 10.0 is missing. Install it from https://dotnet.microsoft.com/download/dotnet/10.0, or with Microsoft's script:
  curl -sSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0
  export PATH=$HOME/.dotnet:$PATH
TEXT
    return 4
}
