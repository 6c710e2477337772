//! The program with the features `cuda` and `wgpu`, on machines without a GPU: NVIDIA's libraries are stand-ins, built here from
//! C, and Vulkan is Mesa's software driver. `scripts/gpu_standins.sh` builds the program and runs these tests.
#![expect(clippy::unwrap_used, reason = "a test that unwraps fails with the place")]

mod cuda;
mod presets;
mod standin;
mod vulkan;

use std::path::PathBuf;

/// The program, if one was built with the feature; without it these tests have nothing to try.
fn program_with(feature: &str) -> Option<PathBuf> {
    let features = std::env::var("RUNNER_GPU_FEATURES").unwrap_or_default();
    let has = features.split(',').any(|other| other == feature);
    let program = std::env::var_os("RUNNER_GPU_PROGRAM").map(PathBuf::from).filter(|_| has);
    if program.is_none() {
        testing::skip("gpu", &format!("no program with `{feature}` was built; scripts/gpu_standins.sh builds one"));
    }
    program
}
