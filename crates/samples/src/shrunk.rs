//! Videos made small enough to be compared number by number.

/// The brightness of a frame `[channels, height, width]`, the mean of its channels, in `side x side` blocks: the mean of each, row
/// by row. Blocks overlap where the sides are not divisible.
///
/// # Panics
/// The frame has no pixels, or fewer values than the shape.
pub fn shrunk(
    frame: impl Fn(usize, usize, usize) -> f32,
    [channels, height, width]: [usize; 3],
    side: usize,
) -> Vec<f64> {
    let range = |block: usize, length: usize| block * length / side..((block + 1) * length).div_ceil(side);
    let mean = |block: usize| {
        let (rows, columns) = (range(block / side, height), range(block % side, width));
        let count = (channels * rows.len() * columns.len()) as f64;
        let pixels = rows.flat_map(|row| columns.clone().map(move |column| (row, column)));
        let sum = pixels.flat_map(|(row, column)| (0..channels).map(move |channel| (channel, row, column)));
        sum.map(|(channel, row, column)| f64::from(frame(channel, row, column))).sum::<f64>() / count
    };
    (0..side * side).map(mean).collect()
}

/// A video `[channels, frames height, width]` as the brightness of so many moments, each of `side x side` blocks: a moment is the mean
/// of the frames that fall into it. As many moments as frames, if these are fewer.
pub fn shrunk_clip(video: &[f32], frames: usize, image: [usize; 3], side: usize, moments: usize) -> Vec<f64> {
    let small: Vec<Vec<f64>> = (0..frames).map(|at| shrunk_frame(video, frames, image, side, at)).collect();
    let moments = moments.min(frames);
    let moment = |at: usize| {
        let range = at * frames / moments..((at + 1) * frames).div_ceil(moments);
        let count = range.len() as f64;
        let small = &small;
        (0..side * side).map(move |block| range.clone().map(|frame| small[frame][block]).sum::<f64>() / count)
    };
    (0..moments).flat_map(moment).collect()
}

/// One frame of a video `[channels, frames height, width]`, as [`shrunk`].
pub fn shrunk_frame(video: &[f32], frames: usize, image: [usize; 3], side: usize, frame: usize) -> Vec<f64> {
    let [_, height, width] = image;
    let pixel =
        |channel: usize, row: usize, column: usize| video[((channel * frames + frame) * height + row) * width + column];
    shrunk(pixel, image, side)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_moments_are_means() {
        // Two channels, four frames of 2 x 4: frame f is f everywhere in the first channel, and its column in the second.
        let values: Vec<f32> = (0..64).map(|at| if at < 32 { (at / 8) as f32 } else { (at % 4) as f32 }).collect();
        let image = [2, 2, 4];
        assert_eq!(shrunk_frame(&values, 4, image, 2, 3), [1.75, 2.75, 1.75, 2.75]);
        assert_eq!(shrunk_frame(&values, 4, image, 1, 1), [1.25]);
        assert_eq!(shrunk_clip(&values, 4, image, 1, 2), [1.0, 2.0]);
        assert_eq!(shrunk_clip(&values, 4, image, 1, 8).len(), 4);
        assert_eq!(shrunk_clip(&values, 4, image, 1, 3), [1.0, 1.5, 2.0], "frames 0 and 1, 1 and 2, 2 and 3");
    }
}
