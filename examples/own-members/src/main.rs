//! The program with one more data set, generator and metric.

mod ellipse;
mod energy_distance;
mod residual_mlp;

use std::process::ExitCode;

fn main() -> ExitCode {
    runner::Program::new()
        .data_set::<ellipse::Ellipse>()
        .generator::<residual_mlp::ResidualMlp>()
        .metric::<energy_distance::EnergyDistance>()
        .run()
}
