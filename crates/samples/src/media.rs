//! The kinds of files that samples are written as.

/// A media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// A picture.
    Png,
    /// A sequence of pictures, which begins as a PNG.
    Apng,
    /// A sound.
    Wav,
}

impl Media {
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
