//! The segments of a JPEG file (ITU-T T.81, annex B), to find out whether its data are all there: a decoder goes on where
//! they end, with what it likes. Knows no pixels.

/// Entropy-coded data in which all bits are 1. No Huffman code consists of ones alone (T.81, annex C). A decoder that still needs
/// data, because some are missing before these, finds an illegal code; one that has them all goes on to the next marker.
const ONES: [u8; 16] = [0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0, 0xff, 0];

const START_OF_IMAGE: u8 = 0xd8;
const END_OF_IMAGE: u8 = 0xd9;
const START_OF_SCAN: u8 = 0xda;
const RESTART_INTERVAL: u8 = 0xdd;

/// More zeros at the end of a file than data can end in.
const MANY_ZEROS: usize = 16;

/// Coefficients of a block.
const COEFFICIENTS: usize = 64;

/// A file whose scans send every coefficient of every component, with restart markers as they should be.
pub(super) struct JpegData {
    /// The same image for a decoder that refuses illegal codes: without what stands between segments, with ones behind
    /// the data.
    pub(super) bytes: Vec<u8>,
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) components: usize,
}

/// What is wrong with a file. The texts are fragments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("cut short")]
    Cut,
    #[error("damaged or cut short")]
    Data,
    #[error("parts of it are missing (restart intervals)")]
    Restarts,
    #[error("it is lossless, arithmetic or of 12 bits, which is not read")]
    Coding,
}

impl JpegData {
    pub(super) fn read(bytes: &[u8]) -> Result<JpegData, Fault> {
        let mut reader = Reader { bytes, at: 2 };
        let mut tidy = vec![0xff, START_OF_IMAGE];
        let (mut frame, mut interval, mut end_of_data) = (None::<Frame>, 0, None);
        while let Some(marker) = reader.marker().filter(|marker| *marker != END_OF_IMAGE) {
            if matches!(marker, 0x01 | 0xd0..=0xd8) {
                continue;
            }
            let segment = reader.segment()?;
            tidy.extend([0xff, marker]);
            tidy.extend(segment);
            match marker {
                // The others of this row are tables.
                0xc0..=0xcf if ![0xc4, 0xc8, 0xcc].contains(&marker) => frame = Some(Frame::read(marker, segment)?),
                RESTART_INTERVAL => interval = word(segment, 2)?,
                START_OF_SCAN => {
                    let frame = frame.as_mut().ok_or(Fault::Data)?;
                    let restarts = frame.scan(segment)?.checked_div(interval.into()).unwrap_or_default();
                    let found = reader.data(&mut tidy, interval > 0)?;
                    // Behind the last interval there may be a marker, too.
                    if found != restarts && found != restarts + 1 {
                        return Err(Fault::Restarts);
                    }
                    end_of_data = Some(tidy.len());
                }
                _ => {}
            }
        }
        let (frame, end_of_data) = frame.zip(end_of_data).ok_or(Fault::Cut)?;
        if frame.components.iter().any(|component| component.missing_bits != [0; COEFFICIENTS]) {
            return Err(Fault::Cut);
        }
        tidy.splice(end_of_data..end_of_data, ONES);
        tidy.extend([0xff, END_OF_IMAGE]);
        let Frame { width, height, .. } = frame;
        Ok(JpegData { bytes: tidy, width, height, components: frame.components.len() })
    }
}

/// What is left to read of a file.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// The next marker, whatever stands before it; nothing at the end of the file.
    fn marker(&mut self) -> Option<u8> {
        let rest = &self.bytes[self.at..];
        let found = rest.windows(2).position(|pair| pair[0] == 0xff && ![0, 0xff].contains(&pair[1]))?;
        self.at += found + 2;
        Some(rest[found + 1])
    }

    /// A segment behind its marker: its length, and as many bytes less two.
    fn segment(&mut self) -> Result<&'a [u8], Fault> {
        let rest = &self.bytes[self.at..];
        let segment = rest.get(..word(rest, 0)?.into()).filter(|segment| segment.len() >= 2).ok_or(Fault::Cut)?;
        self.at += segment.len();
        Ok(segment)
    }

    /// Takes over the data of a scan, with ones at the end of each restart interval but the last. The number of restart
    /// markers, which must be in turn.
    fn data(&mut self, tidy: &mut Vec<u8>, has_restarts: bool) -> Result<u64, Fault> {
        let (before, mut restarts) = (tidy.len(), 0);
        loop {
            let rest = &self.bytes[self.at..];
            let next = rest.windows(2).position(|pair| pair[0] == 0xff && ![0, 0xff].contains(&pair[1]));
            let Some(end) = next else {
                tidy.extend(rest);
                self.at = self.bytes.len();
                // Without an end mark, many zeros are the room that was set aside for what never came.
                let data = tidy[before..].iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
                if tidy.len() - before - data >= MANY_ZEROS {
                    tidy.truncate(before + data);
                }
                return Ok(restarts);
            };
            tidy.extend(&rest[..end]);
            let marker = rest[end + 1];
            if !matches!(marker, 0xd0..=0xd7) {
                self.at += end;
                return Ok(restarts);
            }
            if !has_restarts || u64::from(marker - 0xd0) != restarts % 8 {
                return Err(Fault::Restarts);
            }
            tidy.extend(ONES);
            tidy.extend([0xff, marker]);
            restarts += 1;
            self.at += end + 2;
        }
    }
}

/// The header of the image.
struct Frame {
    is_progressive: bool,
    width: u16,
    height: u16,
    components: Vec<Component>,
}

struct Component {
    id: u8,
    /// Blocks of a unit, side by side and one below the other.
    sampling: [u64; 2],
    /// Low bits of each coefficient that no scan has sent; all of them at first.
    missing_bits: [u8; COEFFICIENTS],
}

impl Frame {
    fn read(marker: u8, segment: &[u8]) -> Result<Frame, Fault> {
        if !matches!(marker, 0xc0..=0xc2) || byte(segment, 2)? != 8 {
            return Err(Fault::Coding);
        }
        let component = |number: usize| {
            let at = 8 + 3 * number;
            let sampling = byte(segment, at + 1)?;
            let sampling = [sampling >> 4, sampling & 15].map(u64::from);
            if sampling.contains(&0) {
                return Err(Fault::Data);
            }
            Ok(Component { id: byte(segment, at)?, sampling, missing_bits: [u8::MAX; COEFFICIENTS] })
        };
        let components = (0..byte(segment, 7)?.into()).map(component).collect::<Result<Vec<_>, _>>()?;
        let (height, width) = (word(segment, 3)?, word(segment, 5)?);
        if components.is_empty() || width == 0 || height == 0 {
            return Err(Fault::Data);
        }
        Ok(Frame { is_progressive: marker == 0xc2, width, height, components })
    }

    /// Notes what a scan sends. Its units, less the last: so many restart intervals of one unit stand before others.
    fn scan(&mut self, segment: &[u8]) -> Result<u64, Fault> {
        let count: usize = byte(segment, 2)?.into();
        let [first, last, bits] = match self.is_progressive {
            true => [byte(segment, 3 + 2 * count)?, byte(segment, 4 + 2 * count)?, byte(segment, 5 + 2 * count)? & 15],
            false => [0, COEFFICIENTS as u8 - 1, 0],
        };
        let most = |axis: usize| self.components.iter().map(|component| component.sampling[axis]).max().unwrap_or(1);
        let most = [most(0), most(1)];
        let sides = [self.width, self.height].map(u64::from);
        let mut units = [0, 1].map(|axis| sides[axis].div_ceil(8 * most[axis]));
        for number in 0..count {
            let id = byte(segment, 3 + 2 * number)?;
            let component = self.components.iter_mut().find(|component| component.id == id).ok_or(Fault::Data)?;
            let sent = component.missing_bits.get_mut(first.into()..=last.into()).ok_or(Fault::Data)?;
            sent.fill(bits);
            if count == 1 {
                // A component alone is sent block by block.
                let own = |axis: usize| (sides[axis] * component.sampling[axis]).div_ceil(most[axis]).div_ceil(8);
                units = [own(0), own(1)];
            }
        }
        Ok((units[0] * units[1]).saturating_sub(1))
    }
}

fn byte(bytes: &[u8], at: usize) -> Result<u8, Fault> {
    bytes.get(at).copied().ok_or(Fault::Cut)
}

fn word(bytes: &[u8], at: usize) -> Result<u16, Fault> {
    Ok(u16::from_be_bytes([byte(bytes, at)?, byte(bytes, at + 1)?]))
}
