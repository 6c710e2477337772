//! The program with the features `cuda` and `wgpu`, on machines without a GPU: NVIDIA's libraries are stand-ins, built here from
//! C, and Vulkan is Mesa's software driver. `scripts/gpu_standins.sh` builds the program and runs these tests.
#![expect(clippy::unwrap_used, reason = "a test that unwraps fails with the place")]

mod cuda;
mod standin;
mod vulkan;

use std::path::PathBuf;

/// The program with the features, if it was built; without it these tests have nothing to try.
fn program() -> Option<PathBuf> {
    let program = std::env::var_os("RUNNER_GPU_PROGRAM").map(PathBuf::from);
    if program.is_none() {
        testing::skip("gpu", "RUNNER_GPU_PROGRAM names no program; scripts/gpu_standins.sh builds one");
    }
    program
}
