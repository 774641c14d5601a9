#!/bin/sh
# Prepares a checkout: packages of npm, programs of the system, and dist/. Says nothing when there is nothing to do.
#
#   sh scripts/setup.sh          what tests and the demo need
#   sh scripts/setup.sh bench    the peers of the benchmark as well (aardvark-dns, dnsperf); see docs/benchmarks.md
#
# Installs with apt-get, as root, on Debian and Ubuntu; elsewhere it names what is missing and stops.
set -eu
cd "$(dirname "$(dirname "$(readlink -f "$0")")")"
. scripts/path.sh

say() { echo "setup: $*" >&2; }
die() { say "$*"; exit 1; }

install_modules() {
  command -v node >/dev/null && command -v npm >/dev/null || die 'needs node (18 or later) and npm, once, to fetch the packages'
  node scripts/modules-installed.cjs && return 0
  say 'npm ci'
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
}

# Prints the packages whose program is not there; arguments are program:package.
missing_packages() {
  for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null || printf '%s ' "${pair#*:}"
  done
}

# Takes a word for what the packages are for, then the packages.
apt_install() {
  purpose=$1
  shift
  [ "$#" -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "$purpose needs these, under the names of Debian: $*. Install them and try again"
  [ "$(id -u)" = 0 ] || die "$purpose needs: $*. As root: apt-get install $*"
  say "apt-get install $*"
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

# A busybox that needs libraries cannot run in a root file system of its own.
static_busybox() {
  path=$(command -v busybox) && ! ldd "$path" 2>/dev/null | grep -q '=>'
}

install_tools() {
  # shellcheck disable=SC2046 # names of packages are words
  apt_install 'tsnet (tests and demo)' $(missing_packages \
    iptables:iptables nft:nftables ip:iproute2 ping:iputils-ping curl:curl conntrack:conntrack tcpdump:tcpdump \
    strace:strace runc:runc crun:crun skopeo:skopeo qemu-aarch64:qemu-user nc:netcat-openbsd jq:jq dig:bind9-dnsutils openssl:openssl) $(static_busybox || echo busybox-static) \
    $([ -x /usr/lib/cni/bridge ] || echo containernetworking-plugins)
}

# Docker's package starts its daemon, which rewrites the host's firewall. Here it must not: policy-rc.d forbids starting services while
# apt runs, and what the package enabled for the next boot is disabled again. Takes a word for what it is for, then the packages.
install_without_starting() (
  purpose=$1
  shift
  [ "$#" -gt 0 ] || exit 0
  policy=/usr/sbin/policy-rc.d
  if [ "$(id -u)" = 0 ]; then
    [ ! -e $policy ] || mv $policy $policy.before-tsnet
    trap 'rm -f $policy; [ ! -e $policy.before-tsnet ] || mv $policy.before-tsnet $policy' EXIT
    trap 'exit 130' INT TERM
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
  fi
  apt_install "$purpose" "$@"
  case " $* " in
    *' docker.io '*)
      if [ -d /run/systemd/system ]; then
        systemctl --quiet disable docker.service docker.socket containerd.service
        say 'Docker is installed, not started, and not enabled: `systemctl enable --now docker` if you want it to run'
      fi ;;
  esac
)

# The tests of the Docker plugin run a dockerd of their own, in namespaces of its own.
install_docker() {
  # shellcheck disable=SC2046
  install_without_starting 'tsnet (tests)' $(missing_packages dockerd:docker.io podman:podman)
}

install_peers() {
  # shellcheck disable=SC2046
  install_without_starting 'the benchmark' $(missing_packages dnsperf:dnsperf iperf3:iperf3) $([ -x /usr/lib/podman/aardvark-dns ] || echo aardvark-dns)
}

install_modules
install_tools
install_docker
[ "${1:-}" != bench ] || install_peers
sh scripts/dist.sh
