//! Settings that every source of one's own pictures shares, whatever its files are.

use std::path::Path;

use family::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::background::Background;
use crate::error::all_sound;
use crate::{DataError, HoldOut, PassedOver};

/// Sides, in pixels.
pub(crate) const SIDES: std::ops::RangeInclusive<u32> = 4..=1024;

/// Channels of the images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Color {
    /// Red, green, blue.
    #[default]
    Rgb,
    /// One channel: the luminance.
    Grey,
}

/// How a picture of another shape becomes a square.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// Its square centre.
    #[default]
    Crop,
    /// All of it, with bars of the background, or black ones, at two sides.
    Pad,
    /// All of it, stretched along its shorter side.
    Stretch,
}

/// What happens when a picture cannot be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// The data set cannot be used.
    #[default]
    Fail,
    /// It is left out, and counted.
    Skip,
}

impl OnError {
    /// What becomes of files in `place`, of so many, that cannot be used. `noun` is what they are: `images`.
    ///
    /// # Errors
    /// There are any, and they are not to be skipped.
    pub(crate) fn decide(
        self,
        errors: Vec<DataError>,
        place: &Path,
        noun: &'static str,
        of: usize,
        passed_over: &mut PassedOver,
    ) -> Result<(), DataError> {
        match self {
            Self::Fail => return all_sound(place, noun, of, errors).map_err(DataError::or_skip),
            Self::Skip => passed_over.skip(place, noun, of, &errors),
        }
        Ok(())
    }
}

/// Mebibytes of samples to keep in memory. It changes no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Memory(pub u64);

impl Default for Memory {
    fn default() -> Self {
        Self(4096)
    }
}

impl Memory {
    /// The same in bytes.
    pub(crate) fn bytes(self) -> usize {
        usize::try_from(self.0.saturating_mul(1 << 20)).unwrap_or(usize::MAX)
    }
}

/// The shared settings as one value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PictureOptions {
    pub(crate) size: u32,
    pub(crate) color: Color,
    pub(crate) fit: Fit,
    pub(crate) background: Option<Background>,
    pub(crate) on_error: OnError,
    pub(crate) hold_out: HoldOut,
    pub(crate) memory: Memory,
}

impl PictureOptions {
    /// Settings out of range.
    pub(crate) fn check(&self) -> Vec<Problem> {
        let (size, least, most) = (self.size, SIDES.start(), SIDES.end());
        let message = format!("a side of {size} pixels is not within {least} and {most}");
        Problem::unless(SIDES.contains(&size), "size", message).into_iter().chain(self.hold_out.check()).collect()
    }
}

/// Declares the settings of a source of pictures: its own, then the shared ones, with `new` for the defaults of these and
/// `options` to read them. Behind `uniform`, size and colour are by default those of the pictures. A macro, because the
/// places of errors in a file get lost in serde's `flatten`.
macro_rules! picture_source {
    ($(#[$about:meta])* pub struct $name:ident { $($own:tt)* }) => {
        $crate::options::picture_source! {
            @declare $(#[$about])* $name { $($own)* } {
                /// Side of the images in pixels, 4 to 1024.
                #[serde(default = "crate::options::default_size")]
                pub size: u32,
                /// `rgb` or `grey`.
                #[serde(default)]
                pub color: $crate::options::Color,
            } size: $crate::options::default_size()
        }

        impl $name {
            fn options(&self) -> $crate::options::PictureOptions {
                let Self { size, color, fit, background, on_error, hold_out, memory, .. } = *self;
                $crate::options::PictureOptions { size, color, fit, background, on_error, hold_out, memory }
            }
        }
    };
    ($(#[$about:meta])* uniform pub struct $name:ident { $($own:tt)* }) => {
        $crate::options::picture_source! {
            @declare $(#[$about])* $name { $($own)* } {
                /// Side of the images in pixels, 4 to 1024; by default that of the pictures, which must all be squares of it.
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub size: Option<u32>,
                /// `rgb` or `grey`; by default as the first picture is.
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub color: Option<$crate::options::Color>,
            } size: None
        }

        impl $name {
            fn options(&self) -> $crate::uniform::UniformOptions {
                let Self { size, color, fit, background, on_error, hold_out, memory, .. } = *self;
                let others = $crate::options::PictureOptions {
                    size: size.unwrap_or($crate::options::default_size()),
                    color: color.unwrap_or_default(),
                    fit,
                    background,
                    on_error,
                    hold_out,
                    memory,
                };
                $crate::uniform::UniformOptions { size, color, others }
            }
        }
    };
    (
        @declare $(#[$about:meta])* $name:ident
        { $($(#[$doc:meta])* pub $field:ident: $type:ty,)* } { $($sized:tt)* } size: $size:expr
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$doc])* pub $field: $type,)*
            $($sized)*
            /// How a picture of another shape becomes a square: `crop` takes its centre, `pad` adds bars, `stretch` does
            /// what it says.
            #[serde(default, skip_serializing_if = "crate::options::is_default")]
            pub fit: $crate::options::Fit,
            /// What shows behind transparent pixels and beside a padded picture: `white`, `black` or RRGGBB. Without it,
            /// transparent pictures are errors and bars are black.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub background: Option<$crate::background::Background>,
            /// What happens when a picture cannot be used: `fail`, or `skip` it.
            #[serde(default, skip_serializing_if = "crate::options::is_default")]
            pub on_error: $crate::options::OnError,
            /// Share of the pictures to hold out for metrics, such as 0.1.
            #[serde(default, skip_serializing_if = "crate::options::is_default")]
            pub hold_out: $crate::HoldOut,
            /// Mebibytes of samples to keep in memory, 4096 by default: of larger data sets the rest is read from disk whenever
            /// it is needed. It changes no number.
            #[serde(default, skip_serializing_if = "crate::options::is_default")]
            pub memory: $crate::options::Memory,
        }

        impl $name {
            /// With the defaults of the shared settings.
            pub fn new($($field: $type),*) -> Self {
                Self {
                    $($field,)*
                    size: $size,
                    color: Default::default(),
                    fit: Default::default(),
                    background: None,
                    on_error: Default::default(),
                    hold_out: Default::default(),
                    memory: Default::default(),
                }
            }
        }
    };
}
pub(crate) use picture_source;

pub(crate) fn default_size() -> u32 {
    32
}

/// Defaults are not written, so runs that use none of them keep their configuration.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
