//! Settings that sources of two domains share.

use family::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::HoldOut;
use crate::background::Background;
use crate::options::{Color, Fit, Memory, OnError, PictureOptions, SIDES};

/// Which way pictures are translated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the left half, from `A`, or from `path`.
    #[default]
    AToB,
    /// From the right half, from `B`, or from `target`.
    BToA,
}

/// The shared settings as one value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TranslationOptions {
    /// Side of the samples; without it the pictures have one size, which is kept.
    pub(crate) size: Option<u32>,
    /// Of input and output.
    pub(crate) colors: [Color; 2],
    pub(crate) fit: Fit,
    pub(crate) background: Option<Background>,
    pub(crate) on_error: OnError,
    pub(crate) hold_out: HoldOut,
    pub(crate) memory: Memory,
}

impl TranslationOptions {
    /// Settings out of range.
    pub(crate) fn check(&self) -> Vec<Problem> {
        let any = PictureOptions { size: *SIDES.start(), ..self.resizing(*SIDES.start(), Color::Rgb) };
        PictureOptions { size: self.size.unwrap_or(any.size), ..any }.check()
    }

    /// How pictures of one domain become squares.
    pub(crate) fn resizing(&self, size: u32, color: Color) -> PictureOptions {
        let Self { fit, background, on_error, hold_out, memory, .. } = *self;
        PictureOptions { size, color, fit, background, on_error, hold_out, memory }
    }
}

/// Declares the settings of a source of two domains: what `path` and `target` are, then the shared ones, with `options` to read
/// them and the ways of [`Source`](crate::Source) that follow from them. A macro, because the places of errors in a file get lost
/// in serde's `flatten`.
macro_rules! translation_source {
    (
        $(#[$about:meta])* pub struct $name:ident {
            $(#[$path:meta])* path,
            $(#[$target:meta])* target,
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $(#[$path])*
            pub path: std::path::PathBuf,
            $(#[$target])*
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub target: Option<std::path::PathBuf>,
            /// `a_to_b` makes the right half, or `B`, or `target` of the other one; `b_to_a` the other way round.
            #[serde(default, skip_serializing_if = "crate::options::is_default")]
            pub direction: $crate::Direction,
            /// Side of the images in pixels, 4 to 1024, which are then squares; by default the size of the pictures, which
            /// must all have it.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub size: Option<u32>,
            /// `rgb` or `grey`.
            #[serde(default, skip_serializing_if = "crate::options::is_default")]
            pub color: $crate::options::Color,
            /// The same of the inputs; by default as `color`.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub input_color: Option<$crate::options::Color>,
            /// How a picture of another shape becomes a square: `crop` takes its centre, `pad` adds bars, `stretch` does what
            /// it says.
            #[serde(default, skip_serializing_if = "crate::options::is_default")]
            pub fit: $crate::options::Fit,
            /// What shows behind transparent pixels and beside a padded picture: `white`, `black` or RRGGBB.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub background: Option<$crate::background::Background>,
            /// What happens when a picture cannot be used: `fail`, or `skip` it.
            #[serde(default, skip_serializing_if = "crate::options::is_default")]
            pub on_error: $crate::options::OnError,
            /// Share to hold out for metrics, such as 0.1, if the folders are not split.
            #[serde(default, skip_serializing_if = "crate::options::is_default")]
            pub hold_out: $crate::HoldOut,
            /// Mebibytes of samples of each domain to keep in memory, 4096 by default. It changes no number.
            #[serde(default, skip_serializing_if = "crate::options::is_default")]
            pub memory: $crate::options::Memory,
        }

        impl $name {
            fn options(&self) -> $crate::translation::options::TranslationOptions {
                let Self { size, color, fit, background, on_error, hold_out, memory, .. } = *self;
                let colors = [self.input_color.unwrap_or(color), color];
                $crate::translation::options::TranslationOptions {
                    size, colors, fit, background, on_error, hold_out, memory,
                }
            }

            fn is_reversed(&self) -> bool {
                self.direction == $crate::Direction::BToA
            }

            fn with_absolute_paths(&self) -> Self {
                let target = self.target.as_deref().map($crate::source::absolute);
                Self { path: $crate::source::absolute(&self.path), target, ..self.clone() }
            }

            fn paths(&self) -> Vec<std::path::PathBuf> {
                [&self.path].into_iter().chain(&self.target).cloned().collect()
            }
        }
    };
}
pub(crate) use translation_source;
