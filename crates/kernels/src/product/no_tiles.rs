//! Where no processor has tiles.

use super::{Matrix, Precision};
use crate::fresh::Unset;

/// A matrix in tiles; there is none.
pub struct Tiles;

/// Whether the processor has tiles and the system lends them.
pub fn available() -> bool {
    false
}

impl Tiles {
    pub fn left(_: Matrix, _: Precision) -> Self {
        unreachable!("there are no tiles")
    }

    pub fn right(_: Matrix, _: Precision) -> Self {
        unreachable!("there are no tiles")
    }

    pub fn negative(&self) -> Self {
        unreachable!("there are no tiles")
    }
}

pub fn sum<'a>(_: Unset<'a>, _: usize, _: &[[&Tiles; 2]]) -> &'a mut [f32] {
    unreachable!("there are no tiles")
}

pub fn once<'a>(_: Unset<'a>, _: Matrix, _: &Tiles) -> &'a mut [f32] {
    unreachable!("there are no tiles")
}
