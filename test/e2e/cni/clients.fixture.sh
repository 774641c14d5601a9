#!/bin/sh
# A host of its own for a real client of CNI: its folders under /etc and /opt are written over copies, containerd runs below this process.
# Takes the script to run; needs ROOTFS, CHECKOUT and an empty folder WORK.
set -eu
for folder in etc opt; do
  mkdir -p "$WORK/$folder" "$WORK/$folder-work"
  mount -t overlay overlay -o "lowerdir=/$folder,upperdir=$WORK/$folder,workdir=$WORK/$folder-work" "/$folder"
done
export PATH="$CHECKOUT/bin:$PATH"
mkdir -p "$ROOTFS/bin" "$ROOTFS/etc" "$ROOTFS/proc" "$ROOTFS/sys" "$ROOTFS/dev" "$ROOTFS/run" "$ROOTFS/tmp"
cp "$(command -v busybox)" "$ROOTFS/bin/"
for name in sh ip ping httpd; do ln -s busybox "$ROOTFS/bin/$name"; done
case $1 in
  */cnitool.sh)
    # Debian has no package of it.
    command -v cnitool >/dev/null || {
      mkdir -p "$WORK/bin"
      cp "$CHECKOUT/test/e2e/cni/cnitool.sh" "$WORK/bin/cnitool"
      chmod +x "$WORK/bin/cnitool"
      export PATH="$PATH:$WORK/bin"
    } ;;
  */containerd.sh)
    export CONTAINERD_ADDRESS="$WORK/containerd.sock"
    containerd --root "$WORK/containerd" --state "$WORK/state" --address "$CONTAINERD_ADDRESS" >"$WORK/log" 2>&1 &
    until ctr version >/dev/null 2>&1; do sleep 0.1; done ;;
  */podman.sh)
    mkdir -p /etc/containers
    cat >/etc/containers/containers.conf <<'END'
[network]
network_backend = "cni"
cni_plugin_dirs = ["/opt/cni/bin"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
END
    printf '[storage]\ndriver = "vfs"\ngraphroot = "%s/storage"\nrunroot = "%s/run"\n' "$WORK" "$WORK" >/etc/containers/storage.conf ;;
esac
sh "$1"
