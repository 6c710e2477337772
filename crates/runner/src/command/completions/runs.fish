
function __runner_runs
    for run in results/*/runs/*/
        basename $run
    end
end
complete -c runner -n "__fish_seen_subcommand_from COMMANDS" -f -a "(__runner_runs)"
