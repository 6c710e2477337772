//! The kinds of files that samples are written as.

/// A media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Media {
    /// A picture.
    Png,
    /// A sequence of pictures, which begins as a PNG.
    Apng,
    /// A sound.
    Wav,
}

impl Media {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Png, Self::Apng, Self::Wav];

    /// As registered with IANA, or as browsers know it.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Apng => "image/apng",
            Self::Wav => "audio/wav",
        }
    }

    /// Of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Apng => "apng",
            Self::Wav => "wav",
        }
    }
}
