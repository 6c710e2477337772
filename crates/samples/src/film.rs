//! A video as an animated PNG.

use crate::picture::{Picture, encoder, tiles};

/// The pictures of a video, `[channel][frame][row][column]`.
pub(crate) fn frames(video: &[f32], count: usize, [channels, height, width]: [usize; 3]) -> Vec<Picture> {
    // One below the other they are one image, whose rows are those of the frames.
    let all = tiles(video, [channels, count * height, width]).into_iter().flat_map(|image| image.pixels);
    let pixels: Vec<u8> = all.collect();
    let frame = |pixels: &[u8]| Picture { width, height, channels, pixels: pixels.to_vec() };
    pixels.chunks_exact(channels * height * width).map(frame).collect()
}

/// Encodes pictures of one size as an animated PNG that begins again without end, `fps` of them a second.
pub(crate) fn apng(frames: &[Picture], fps: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let Some(first) = frames.first() else { return bytes };
    let mut encoder = encoder(&mut bytes, first);
    let written = (encoder.set_animated(frames.len() as u32, 0))
        .and_then(|()| encoder.set_frame_delay(1, fps.min(u16::MAX.into()) as u16))
        .and_then(|()| encoder.write_header())
        .and_then(|mut writer| {
            frames.iter().try_for_each(|frame| writer.write_image_data(&frame.pixels))?;
            writer.finish()
        });
    written.expect("memory takes all bytes, and the pictures have as many as the header says");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn frames_are_read_back_with_their_delay() {
        // Two frames of two colours, 1 x 2.
        let video: Vec<f32> = (0..12).map(|value| f32::from(value as u8) / 127.5 - 1.0).collect();
        let frames = frames(&video, 2, [3, 1, 2]);
        assert_eq!(frames[0].pixels, [0, 4, 8, 1, 5, 9]);
        assert_eq!(frames[1].pixels, [2, 6, 10, 3, 7, 11]);
        let bytes = apng(&frames, 12);
        let mut reader = png::Decoder::new(Cursor::new(bytes)).read_info().unwrap();
        let animation = *reader.info().animation_control().unwrap();
        assert_eq!((animation.num_frames, animation.num_plays), (2, 0));
        for frame in &frames {
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            reader.next_frame(&mut pixels).unwrap();
            assert_eq!(pixels, frame.pixels);
            let control = reader.info().frame_control().unwrap();
            assert_eq!((control.delay_num, control.delay_den), (1, 12));
        }
    }
}
