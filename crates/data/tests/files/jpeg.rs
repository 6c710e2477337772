//! JPEG files whose data are not all there. A decoder would go on with what it likes.

use data::Samples;

use crate::written::Folder;

const BASELINE: &[u8] = include_bytes!("pictures/colour.jpg");
const PROGRESSIVE: &[u8] = include_bytes!("pictures/progressive.jpg");
/// Three intervals of two units each.
const RESTARTS: &[u8] = include_bytes!("pictures/restarts.jpg");
const END: &[u8] = &[0xff, 0xd9];

fn read(bytes: &[u8]) -> Result<Samples, String> {
    let folder = Folder::new();
    folder.write("x.jpg", bytes);
    Samples::read(folder.path(), None).map_err(|error| folder.text(&error))
}

fn refused(bytes: &[u8]) -> String {
    let error = read(bytes).unwrap_err();
    error.strip_prefix("DIR/x.jpg: it is no sound JPEG: ").unwrap_or_else(|| panic!("{error}")).to_owned()
}

/// Behind the header of the first scan.
fn start_of_data(bytes: &[u8]) -> usize {
    let scan = bytes.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
    scan + 2 + usize::from(bytes[scan + 3])
}

#[test]
fn a_part_is_refused_with_an_end_mark_with_zeros_and_without() {
    for whole in [BASELINE, PROGRESSIVE, RESTARTS] {
        let start = start_of_data(whole);
        for cut in (start..whole.len() - 10).step_by(7) {
            let part = whole[..cut].strip_suffix(&[0xff]).unwrap_or(&whole[..cut]);
            let zeros = vec![0; 4096];
            for end in [&[][..], END, &zeros] {
                let why = refused(&[part, end].concat());
                assert!(!why.is_empty(), "{cut} of {} and {} more", whole.len(), end.len());
            }
        }
    }
}

#[test]
fn a_lost_restart_interval_is_refused() {
    let is_marker = |pair: &[u8]| pair[0] == 0xff && (0xd0..=0xd7).contains(&pair[1]);
    let markers: Vec<usize> = (0..RESTARTS.len() - 1).filter(|at| is_marker(&RESTARTS[*at..])).collect();
    assert_eq!(markers.len(), 2);
    let first = [&RESTARTS[..start_of_data(RESTARTS)], &RESTARTS[markers[0]..]].concat();
    let middle = [&RESTARTS[..markers[0]], &RESTARTS[markers[1]..]].concat();
    let last = [&RESTARTS[..markers[1]], END].concat();
    assert_eq!(refused(&middle), "parts of it are missing (restart intervals)");
    assert_eq!(refused(&last), "parts of it are missing (restart intervals)");
    assert_eq!(refused(&first), "damaged or cut short");
}

#[test]
fn bytes_between_segments_and_a_missing_end_mark_do_no_harm() {
    for whole in [BASELINE, PROGRESSIVE, RESTARTS] {
        let expected = read(whole).unwrap();
        let first = 4 + usize::from(u16::from_be_bytes([whole[4], whole[5]]));
        let stray = [&whole[..first], b"stray bytes", &whole[first..]].concat();
        assert_eq!(read(&stray).unwrap(), expected);
        assert_eq!(read(&whole[..whole.len() - 2]).unwrap(), expected);
        assert_eq!(read(&[whole, b"what stands behind the end"].concat()).unwrap(), expected);
    }
}

#[test]
fn other_codings_are_named() {
    let frame = BASELINE.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    for (at, value) in [(frame + 1, 0xc9), (frame + 1, 0xc3), (frame + 4, 12)] {
        let mut other = BASELINE.to_vec();
        other[at] = value;
        assert_eq!(refused(&other), "it is lossless, arithmetic or of 12 bits, which is not read");
    }
}

#[test]
fn a_changed_byte_never_panics() {
    for whole in [BASELINE, PROGRESSIVE, RESTARTS] {
        for at in (2..whole.len()).step_by(11) {
            let mut bytes = whole.to_vec();
            bytes[at] ^= 0xff;
            let _ = read(&bytes);
        }
    }
}
