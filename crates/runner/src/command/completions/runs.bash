
_runner_with_runs() {
    _runner "$@"
    local word="${COMP_WORDS[COMP_CWORD]}" runs=(results/*/runs/*/)
    case "${COMP_WORDS[1]}" in
        COMMANDS)
            if [[ "$word" != -* && -d "${runs[0]}" ]]; then
                runs=("${runs[@]%/}")
                COMPREPLY+=($(compgen -W "${runs[*]##*/}" -- "$word"))
            fi
            ;;
    esac
}
complete -F _runner_with_runs -o bashdefault -o default runner
