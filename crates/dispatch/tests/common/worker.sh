# A worker that trains nothing: each order to train names what it does instead.
answer() {
    printf '{"run":"%s","update":%s}\n' "$1" "$2"
}
options=$*
while read -r order; do
    run=${order#*:\"}
    run=${run%\"\}}
    case $order in
    *'"train"'*)
        case $run in
        options) answer "$options $TEST_SETTING" '{"step":1}' ;;
        pid) answer pid "{\"step\":$$}" ;;
        child)
            sleep 1000 &
            answer child "{\"step\":$!}"
            ;;
        bytes)
            printf '\377\376\n' >&2
            printf '\377\376\nnot an answer\n{"run":"x"}\n'
            echo 'still here' >&2
            answer bytes '{"step":1}'
            ;;
        mute)
            exec >&-
            sleep 1000
            ;;
        deaf)
            answer deaf "{\"step\":$$}"
            while :; do sleep 1000; done
            ;;
        exit)
            echo 'the first line' >&2
            echo '   0: a frame' >&2
            echo 'the last line' >&2
            exit 3
            ;;
        memory)
            echo 'memory allocation of 64 bytes failed' >&2
            ulimit -c 0
            kill -s ABRT $$
            ;;
        *) answer "$run" '{"step":1}' ;;
        esac
        ;;
    *) answer other '{"step":1}' ;;
    esac
done
