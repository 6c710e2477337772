#!/usr/bin/env bash
# A cluster with Slurm on this machine, for tests: two nodes with two GPUs each that are none, on the loopback interface only.
# Needs root, and munge and Slurm of Debian or Ubuntu (`scripts/slurm_cluster.sh install`); no systemd, and nothing below /etc.
#
#   LAB=DIR scripts/slurm_cluster.sh up           a new cluster, all of whose files are in DIR
#   ... env                                       what programs need in their environment to find it
#   ... cut N | node N                            power cut of node N; back again
#   ... stop N | continue N                       its daemon hangs, and its jobs go on; goes on
#   ... freeze N | thaw N                         its jobs stand still and live; go on
#   ... kill-controller | controller              the controller dies at once; starts with what it had saved
#   ... down
#
# NODES, CPUS, GPUS and PORT size it, SHARDS shares the GPUs of a node in so many parts; after PATIENCE seconds without an answer a node is asked again, and then taken for dead.
# NAMESPACES=0 has the nodes' processes in the name space of this machine's.
set -euo pipefail
lab=${LAB:?}
nodes=${NODES:-2} cpus=${CPUS:-4} gpus=${GPUS:-2} shards=${SHARDS:-0}
port=${PORT:-16817}
patience=${PATIENCE:-10}
host=$(hostname -s)
export SLURM_CONF=$lab/slurm.conf
numbers=$(seq "$nodes")

install() {
    command -v slurmctld slurmd munged sbatch >/dev/null && return
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends slurmctld slurmd slurm-client munge
}

configure() {
    mkdir -p "$lab"/{state,spool,log,gpus,munge,pids}
    chmod 755 "$lab"
    dd if=/dev/urandom of="$lab/munge/key" bs=128 count=1 status=none
    chmod 600 "$lab/munge/key"
    : >"$lab/cgroup.conf"
    for n in $numbers; do
        mkdir -p "$lab/gpus/n$n" "$lab/spool/n$n"
        # Slurm takes nothing but character devices for GPUs; these are /dev/null.
        for g in $(seq 0 $((gpus - 1))); do mknod "$lab/gpus/n$n/nvidia$g" c 1 3; done
        [ "$gpus" = 0 ] || echo "NodeName=n$n Name=gpu Type=fake File=$lab/gpus/n$n/nvidia[0-$((gpus - 1))]" >>"$lab/gres.conf"
        [ "$shards" = 0 ] || echo "NodeName=n$n Name=shard Count=$shards" >>"$lab/gres.conf"
    done
    local gres="" kinds=gpu
    [ "$gpus" = 0 ] || gres="Gres=gpu:fake:$gpus"
    [ "$shards" = 0 ] || { gres+=",shard:$shards" kinds+=,shard; }
    cat >"$lab/slurm.conf" <<CONF
ClusterName=lab
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$lab/munge/sock,cred_expire=5
CredType=cred/munge
SlurmctldPort=$port
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StateSaveLocation=$lab/state
SlurmdSpoolDir=$lab/spool/%n
SlurmctldPidFile=$lab/pids/slurmctld.pid
SlurmdPidFile=$lab/pids/%n.pid
SlurmctldLogFile=$lab/log/slurmctld.log
SlurmdLogFile=$lab/log/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0,sched_min_interval=0,requeue_delay=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
GresTypes=$kinds
SlurmdParameters=config_overrides
ReturnToService=2
JobRequeue=1
SlurmctldParameters=preempt_send_user_signal
KillWait=3
CompleteWait=0
MinJobAge=600
MaxArraySize=${MAX_ARRAY:-1001}
MaxJobCount=20000
SlurmdTimeout=$patience
MessageTimeout=$patience
SlurmctldTimeout=10
InactiveLimit=0
OverTimeLimit=0
MailProg=/bin/true
PropagateResourceLimits=NONE
NodeName=DEFAULT CPUs=$cpus Sockets=1 CoresPerSocket=$cpus ThreadsPerCore=1 RealMemory=4000 State=UNKNOWN $gres
$(for n in $numbers; do echo "NodeName=n$n NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + n))"; done)
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=REQUEUE GraceTime=5
PartitionName=urgent Nodes=ALL Default=NO MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=OFF
CONF
}

wait_for() {
    local seconds=$1
    shift
    for _ in $(seq $((seconds * 10))); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    echo "waited $seconds s for: $*" >&2
    return 1
}

munge_up() {
    munged --force --num-threads=4 --key-file="$lab/munge/key" --socket="$lab/munge/sock" --pid-file="$lab/pids/munged.pid" \
        --log-file="$lab/munge/log" --seed-file="$lab/munge/seed"
}

controller_up() {
    slurmctld -f "$SLURM_CONF" "$@"
    wait_for 10 scontrol ping
}

# In a name space of process ids, so that the end of its first process is a power cut.
node_up() {
    local n=$1
    if [ "${NAMESPACES:-1}" = 0 ]; then
        setsid slurmd -D -f "$SLURM_CONF" -N "n$n" >"$lab/log/n$n.out" 2>&1 </dev/null &
    else
        # shellcheck disable=SC2016 # the inner shell's
        setsid unshare --pid --fork --kill-child --mount-proc \
            bash -c 'slurmd -D -f "$0" -N "$1" & while :; do sleep 3600 & wait $!; done' "$SLURM_CONF" "n$n" \
            >"$lab/log/n$n.out" 2>&1 </dev/null &
    fi
    echo $! >"$lab/pids/n$n.first"
}

daemon_of() {
    pgrep -P "$(pgrep -P "$(cat "$lab/pids/n$1.first")")" -x slurmd
}

# Batch scripts in the node's name space, and what they have become.
jobs_of() {
    local first step
    first=$(pgrep -P "$(cat "$lab/pids/n$1.first")")
    for step in $(pgrep --ns "$first" --nslist pid -x slurmstepd); do pgrep -P "$step" || true; done
}

signal_jobs() {
    local job
    for job in $(jobs_of "$2"); do kill "-$1" "$job"; done
}

all_idle() {
    [ "$(sinfo -h -N -p main -t idle -o %N | sort -u | wc -l)" = "$nodes" ]
}

case ${1:?} in
install) install ;;
up)
    configure
    munge_up
    controller_up -c
    for n in $numbers; do node_up "$n"; done
    wait_for 30 all_idle
    ;;
env) echo "SLURM_CONF=$SLURM_CONF" ;;
node) node_up "$2" ;;
cut) kill -9 "$(cat "$lab/pids/n$2.first")" ;;
stop) kill -STOP "$(daemon_of "$2")" ;;
continue) kill -CONT "$(daemon_of "$2")" ;;
freeze) signal_jobs STOP "$2" ;;
thaw) signal_jobs CONT "$2" ;;
controller) controller_up ;;
kill-controller) kill -9 "$(cat "$lab/pids/slurmctld.pid")" ;;
down)
    scancel --full --signal=KILL --user=root >/dev/null 2>&1 || true
    scontrol shutdown >/dev/null 2>&1 || true
    sleep 0.5
    for n in $numbers; do kill -9 "$(cat "$lab/pids/n$n.first" 2>/dev/null)" 2>/dev/null || true; done
    for p in slurmctld munged; do kill "$(cat "$lab/pids/$p.pid" 2>/dev/null)" 2>/dev/null || true; done
    ;;
*)
    echo "unknown: $1" >&2
    exit 2
    ;;
esac
