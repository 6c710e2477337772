
_runner_with_runs() {
    # `_runner` shortens `words`.
    local command="${words[2]}"
    local -a runs=(results/*/runs/*(N/:t))
    _runner "$@"
    case "$command" in
        COMMANDS)
            [[ "$PREFIX" != -* ]] && compadd -a runs
            ;;
    esac
}
compdef _runner_with_runs runner
