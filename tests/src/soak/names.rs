//! Names of files and folders that hold what terminals obey and shells split.

use super::{answered, any};
use crate::lab::Lab;
use crate::process::Running;
use std::fs;
use std::process::Command;
use testing::Mutator;

const NAMES: [&str; 10] = [
    "a\u{1b}[2Jb",
    "line\nbreak",
    "tab\tand \u{7}bell",
    "\u{202e}gnp.x",
    "größe",
    "-rf",
    "'quote\"`$(x)",
    "ends with a space ",
    "x.png.tmp-1-0",
    ".hidden",
];

/// A grey PNG of one pixel.
const PIXEL: [u8; 67] = [
    137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 58, 126, 155,
    85, 0, 0, 0, 10, 73, 68, 65, 84, 120, 156, 99, 104, 0, 0, 0, 130, 0, 129, 119, 205, 114, 182, 0, 0, 0, 0, 73, 69,
    78, 68, 174, 66, 96, 130,
];

pub(super) fn attack(random: &mut Mutator) {
    let lab = Lab::new();
    let (folder, class) = (any(random, &NAMES), any(random, &NAMES));
    for image in 0..4 {
        let content = if random.below(3) == 0 { &PIXEL[..40] } else { &PIXEL[..] };
        lab.write(&format!("{folder}/{class}/{image}{}.png", any(random, &NAMES)), content);
    }
    lab.tiny("one", "");
    lab.run("sweep one.yaml").exits(0);
    let strange = lab.path("results/one/runs").join(any(random, &NAMES));
    fs::create_dir_all(strange).expect("the lab can be written");
    fs::copy(lab.path("one.yaml"), lab.path(format!("{folder}.yaml"))).expect("the lab can be written");

    let folder_path = lab.path(folder).to_string_lossy().into_owned();
    let set = format!("data={{name: image-folder, path: {folder_path:?}}}");
    let file = lab.path(format!("{folder}.yaml")).to_string_lossy().into_owned();
    for arguments in [
        vec!["plan", "one.yaml", "--set", &set],
        vec!["plan", &file],
        vec!["metrics", &folder_path, &folder_path],
        vec!["why", folder],
        vec!["status", folder],
        vec!["sample", class],
        vec!["export", "results/one"],
        vec!["status", "results/one"],
        vec!["report", "results/one"],
        vec!["gc", "results/one", "--dry-run"],
    ] {
        let mut command: Command = lab.command("");
        command.args(&arguments);
        answered(Running::start(format!("{arguments:?}"), command).wait());
    }
}
