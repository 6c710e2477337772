# A worker that trains in no time: the name of a run says what becomes of it.
ended() {
    printf '{"run":"%s","update":{"ended":{"status":"%s","step":1,"reason":"%s"}}}\n' "$1" "$2" "$3"
}
evaluated() {
    echo "$TEST_EVALUATION" | sed "s/RUN/$1/; s/12345/$2/"
}
# Waits for an order to stop, and ends the run for its reason.
wait_for_stop() {
    read -r order || exit 0
    status=${order#*\"status\":\"}
    reason=${order#*\"reason\":\"}
    ended "$1" "${status%%\"*}" "${reason%%\"*}"
}
while read -r order; do
    run=${order#*:\"}
    run=${run%\"\}}
    case $order in
    *'"train"'*)
        echo "$run" >>"$TEST_FOLDER/started"
        case $run in
        good*)
            evaluated "$run" 5
            ended "$run" done ''
            ;;
        bad*)
            evaluated "$run" 50
            wait_for_stop "$run"
            ;;
        # A step of 4 s and one of 9 s, or one of 13 s.
        slow-steps*)
            sleep 4
            printf '{"run":"%s","update":{"step":1}}\n' "$run"
            sleep 9
            wait_for_stop "$run"
            ;;
        slow-start*)
            sleep 13
            wait_for_stop "$run"
            ;;
        waits*) wait_for_stop "$run" ;;
        dies-once*)
            if [ ! -e "$TEST_FOLDER/$run" ]; then
                touch "$TEST_FOLDER/$run"
                echo 'this is the end' >&2
                kill -s KILL $$
            fi
            ended "$run" done ''
            ;;
        of-another*)
            ended "${run#of-another-}" failed 'not mine'
            ended "$run" done ''
            ;;
        esac
        ;;
    esac
done
