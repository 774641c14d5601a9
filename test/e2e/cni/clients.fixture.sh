#!/bin/sh
# A host of its own for a real client of CNI: its folders under /etc and /opt are written over copies, containerd runs below this process.
# Takes the script to run; needs ROOTFS, CHECKOUT and a folder WORK.
set -eu
for folder in etc opt; do
  mkdir -p "$WORK/$folder" "$WORK/$folder-work"
  mount -t overlay overlay -o "lowerdir=/$folder,upperdir=$WORK/$folder,workdir=$WORK/$folder-work" "/$folder"
done
export PATH="$CHECKOUT/bin:$PATH"
mkdir -p "$ROOTFS/bin" "$ROOTFS/etc" "$ROOTFS/proc" "$ROOTFS/sys" "$ROOTFS/dev" "$ROOTFS/run" "$ROOTFS/tmp"
cp "$(command -v busybox)" "$ROOTFS/bin/"
for name in sh ip ping httpd; do ln -s busybox "$ROOTFS/bin/$name"; done
# Stand-ins for clients that Debian has no package of, behind the clients themselves.
mkdir -p "$WORK/bin"
export PATH="$PATH:$WORK/bin"
cp "$CHECKOUT/test/e2e/cni/cnitool.sh" "$WORK/bin/cnitool"
printf '#!/bin/sh\nexec sh %s/scripts/node.sh %s/test/e2e/cni/crictl.ts "$@"\n' "$CHECKOUT" "$CHECKOUT" >"$WORK/bin/crictl"
chmod +x "$WORK/bin/cnitool" "$WORK/bin/crictl"
case $1 in
  */containerd.sh)
    export CONTAINERD_ADDRESS="$WORK/containerd.sock"
    containerd --root "$WORK/containerd" --state "$WORK/state" --address "$CONTAINERD_ADDRESS" >"$WORK/log" 2>&1 &
    until ctr version >/dev/null 2>&1; do sleep 0.1; done ;;
  */cri.sh)
    # Networks of other programs: podman's package brings one.
    rm -rf /etc/cni/net.d
    export CONTAINERD_ADDRESS="$WORK/containerd.sock" CONTAINER_RUNTIME_ENDPOINT="unix://$WORK/containerd.sock"
    # On any file system, and with a root that may not lower a score for the OOM killer.
    cat >"$WORK/config.toml" <<END
version = 2
root = "$WORK/containerd"
state = "$WORK/state"
[grpc]
address = "$CONTAINERD_ADDRESS"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "localhost/pause:1"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "native"
END
    containerd --config "$WORK/config.toml" >"$WORK/log" 2>&1 &
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
