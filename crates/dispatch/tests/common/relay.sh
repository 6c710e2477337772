# Between the channel of a task and a worker that reads orders and writes answers: relay.sh COMMAND... --task CHANNEL
ulimit -c 0
count=$#
command=
for word; do
    count=$((count - 1))
    # The last two are the channel's.
    [ $count -lt 2 ] || set -- "$@" "$word"
    shift
    [ $count -ne 0 ] || channel=$word
done
group=$(ps -o pgid= -p $$ | tr -d ' ')
start=1
while ! (set -C; : >"$channel/answers.$start") 2>/dev/null; do start=$((start + 1)); done
mkfifo "$channel/pipe"
"$@" <"$channel/pipe" >>"$channel/answers.$start" &
worker=$!
exec 3>"$channel/pipe"
sent=0
while kill -0 $worker 2>/dev/null; do
    lines=$(wc -l <"$channel/orders")
    if [ "$lines" -gt $sent ]; then
        sed -n "$((sent + 1)),${lines}p" "$channel/orders" | grep -v '^end$' >&3
        sent=$lines
        ! tail -n 1 "$channel/orders" | grep -q '^end$' || exec 3>&-
    fi
    sleep 0.02
done
wait $worker
status=$?
# Nothing that the worker has started outlives it.
for process in $(ps -eo pid=,pgid= | awk -v group="$group" '$2 == group { print $1 }'); do
    [ "$process" = $$ ] || kill -KILL "$process" 2>/dev/null
done
# Of a signal that ended the worker.
[ $status -le 128 ] || kill -s $((status - 128)) $$
exit $status
