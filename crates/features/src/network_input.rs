//! What the small network is shown of a sample: an image as it is, of a sound the loudness of bands of frequencies over time as an
//! image of 32 x 32.

use crate::spectrum::loudness;
use samples::Format;

/// Bands of frequencies, the lowest on top, and parts of the time in the image of a sound.
pub(crate) const SIDE: usize = 32;

/// Channels, height and width of what is shown of a sample; `None` if it has no sides that the network could halve three times.
pub(crate) fn shape(format: Format) -> Option<[usize; 3]> {
    match format {
        Format::Audio { channels: 1, .. } => Some([1, SIDE, SIDE]),
        _ => {
            let [_, height, width] = format.shape();
            (height.min(width) >= crate::classifier::Network::LEAST_SIDE).then(|| format.shape())
        }
    }
}

/// What is shown of samples whose [`shape`] is known: images in `[-1, 1]`. Of a sound -1 is -80 dB, and 1 a sine of amplitude 1.
pub(crate) fn of(samples: &[f32], format: Format) -> Vec<f32> {
    let Format::Audio { length, .. } = format else { return samples.to_vec() };
    let loud = loudness(samples, length, SIDE, SIDE);
    let image = |sound: &[f32]| {
        let at = |place: usize| sound[place % SIDE * SIDE + place / SIDE];
        (0..SIDE * SIDE).map(move |place| 2.0 * at(place).min(1.0) - 1.0).collect::<Vec<_>>()
    };
    loud.chunks_exact(SIDE * SIDE).flat_map(image).collect()
}

/// Sounds of `length` numbers as ones of `wanted`: the rest is cut off, or silent.
pub(crate) fn fitted(sounds: &[f32], length: usize, wanted: usize) -> Vec<f32> {
    let fitted = |sound: &[f32]| {
        let mut sound = sound[..length.min(wanted)].to_vec();
        sound.resize(wanted, 0.0);
        sound
    };
    sounds.chunks_exact(length).flat_map(fitted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A high tone in the second half of a sound is in the lower right quarter.
    #[test]
    fn a_sound_is_an_image_of_bands_over_time() {
        let (length, rate) = (4096, 8_000);
        let tone = |at: usize| (std::f32::consts::TAU * 3_000.0 * at as f32 / rate as f32).sin();
        let sound: Vec<f32> = (0..length).map(|at| if at < length / 2 { 0.0 } else { tone(at) }).collect();
        let format = Format::Audio { channels: 1, length, rate };
        assert_eq!(shape(format), Some([1, SIDE, SIDE]));
        let image = of(&[sound, vec![0.0; length]].concat(), format);
        assert_eq!(image.len(), 2 * SIDE * SIDE);
        let brightest = (0..SIDE * SIDE).max_by(|a, b| image[*a].total_cmp(&image[*b])).unwrap();
        assert!(brightest / SIDE > SIDE / 2 && brightest % SIDE >= SIDE / 2, "{brightest}");
        assert!(image[brightest] > 0.8 && image[brightest] <= 1.0);
        let dark = (0..SIDE).flat_map(|row| (0..SIDE / 2).map(move |column| row * SIDE + column));
        assert!(dark.chain(SIDE * SIDE..2 * SIDE * SIDE).all(|place| image[place] == -1.0));
    }

    #[test]
    fn images_are_shown_as_they_are_and_points_not_at_all() {
        let image = Format::Image([3, 8, 9]);
        assert_eq!((shape(image), of(&[0.5; 216], image)), (Some([3, 8, 9]), vec![0.5; 216]));
        assert_eq!(shape(Format::Image([3, 7, 9])), None);
        assert_eq!(shape(Format::Points { dims: 64, extent: 1.0 }), None);
        assert_eq!(shape(Format::Audio { channels: 2, length: 512, rate: 8_000 }), None);
    }

    #[test]
    fn sounds_are_cut_or_end_in_silence() {
        assert_eq!(fitted(&[1.0, 2.0, 3.0, 4.0], 2, 3), [1.0, 2.0, 0.0, 3.0, 4.0, 0.0]);
        assert_eq!(fitted(&[1.0, 2.0, 3.0, 4.0], 2, 1), [1.0, 3.0]);
    }
}
