//! Decides by evaluations which runs end early.

use crate::scheduler::Run;
use record::Evaluation;

/// Decides from the evaluations of all runs which of them end early. Pure, as the scheduler that asks it: the same
/// evaluations in the same order give the same decisions.
pub trait Policy {
    /// A run was evaluated. Returns the runs to stop, this or others, each with a reason for people; runs that are
    /// stopped already are ignored. An attempt that resumes before an evaluation repeats it.
    fn evaluated(&mut self, run: Run, evaluation: &Evaluation) -> Vec<(Run, String)>;
}

/// Every run trains to its end.
#[derive(Clone, Copy, Debug, Default)]
pub struct TrainAll;

impl Policy for TrainAll {
    fn evaluated(&mut self, _: Run, _: &Evaluation) -> Vec<(Run, String)> {
        Vec::new()
    }
}
