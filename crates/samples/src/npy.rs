//! Arrays of NumPy's format (`numpy.lib.format`), in C or Fortran order: floats and whole numbers in either order of bytes,
//! bytes, truth values. Versions 1 to 3 are read, with headers as Python 2 wrote them, too; version 1.0 is written.

use std::borrow::Cow;
use std::fmt::Write;

use half::f16;

const MAGIC: &[u8] = b"\x93NUMPY";
const ZIP_MAGIC: &[u8] = b"PK\x03\x04";
/// Where NumPy lets the numbers begin: at a multiple of it.
const ALIGNMENT: usize = 64;

/// An array in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Its sides, slowest first.
    pub shape: Vec<usize>,
    /// As many as its shape has.
    pub numbers: Numbers,
}

/// Numbers of an array.
#[derive(Clone, Debug, PartialEq)]
pub enum Numbers {
    /// `f2`, `f4`.
    Single(Vec<f32>),
    /// `f8`.
    Double(Vec<f64>),
    /// `u1`; `b1` as 0 and 1.
    Bytes(Vec<u8>),
    /// `i1` to `i8`, `u2` to `u8`; what is larger than an `i64` is the largest of them.
    Whole(Vec<i64>),
}

/// Why bytes are no array that can be read. The texts are fragments.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NpyError {
    /// Another file.
    #[error("no .npy array: its first bytes are not NumPy's")]
    Magic,
    /// A zip file, such as `numpy.savez` writes.
    #[error("an archive of arrays (.npz), not an array: write one of them with `np.save`")]
    Archive,
    /// The header ends too early, or is of a later version.
    #[error("its header is cut short, or of no version that is known")]
    Header,
    /// The header is no Python dictionary with the three keys.
    #[error("its header cannot be read: {0}")]
    Dictionary(String),
    /// Numbers of another type.
    #[error("its numbers are `{0}`; floats, whole numbers and bool can be read: f2, f4, f8, i1 to i8, u1 to u8, b1")]
    Type(String),
    /// More or fewer numbers than the shape has.
    #[error("its shape {shape:?} takes {size} bytes a number, and {found} are there")]
    Length {
        /// As the header has it.
        shape: Vec<usize>,
        /// Bytes of a number.
        size: usize,
        /// Bytes after the header.
        found: usize,
    },
}

/// Reads an array.
///
/// # Errors
/// The bytes are no such array.
pub fn read(bytes: &[u8]) -> Result<Array, NpyError> {
    let other = if bytes.starts_with(ZIP_MAGIC) { NpyError::Archive } else { NpyError::Magic };
    let rest = bytes.strip_prefix(MAGIC).ok_or(other)?;
    let (header, data) = split(rest).ok_or(NpyError::Header)?;
    let Header { descr, fortran_order, shape } =
        Header::parse(header).ok_or_else(|| NpyError::Dictionary(header.trim_end().to_owned()))?;
    // The order of bytes stands before the type: little, big, the machine's, none; or nothing, which is the machine's.
    let (order, kind) = descr.split_at(descr.find(|letter: char| !"<>=|".contains(letter)).unwrap_or_default());
    let is_big = if order == ">" { true } else { order != "<" && cfg!(target_endian = "big") };
    let size: usize = match kind {
        "b1" | "i1" | "u1" => 1,
        "f2" | "i2" | "u2" => 2,
        "f4" | "i4" | "u4" => 4,
        "f8" | "i8" | "u8" => 8,
        _ => return Err(NpyError::Type(descr.to_owned())),
    };
    if shape.iter().try_fold(size, |length: usize, side| length.checked_mul(*side)) != Some(data.len()) {
        return Err(NpyError::Length { shape, size, found: data.len() });
    }
    let data = if fortran_order { Cow::Owned(in_c_order(data, &shape, size)) } else { Cow::Borrowed(data) };
    let numbers = match kind {
        "f2" => Numbers::Single(read_each(&data, is_big, |bytes| f16::from_le_bytes(bytes).to_f32())),
        "f4" => Numbers::Single(read_each(&data, is_big, f32::from_le_bytes)),
        "f8" => Numbers::Double(read_each(&data, is_big, f64::from_le_bytes)),
        "i1" => Numbers::Whole(read_each(&data, is_big, |bytes| i8::from_le_bytes(bytes).into())),
        "i2" => Numbers::Whole(read_each(&data, is_big, |bytes| i16::from_le_bytes(bytes).into())),
        "u2" => Numbers::Whole(read_each(&data, is_big, |bytes| u16::from_le_bytes(bytes).into())),
        "i4" => Numbers::Whole(read_each(&data, is_big, |bytes| i32::from_le_bytes(bytes).into())),
        "u4" => Numbers::Whole(read_each(&data, is_big, |bytes| u32::from_le_bytes(bytes).into())),
        "i8" => Numbers::Whole(read_each(&data, is_big, i64::from_le_bytes)),
        "u8" => {
            Numbers::Whole(read_each(&data, is_big, |bytes| u64::from_le_bytes(bytes).try_into().unwrap_or(i64::MAX)))
        }
        _ => Numbers::Bytes(data.into_owned()),
    };
    Ok(Array { shape, numbers })
}

fn read_each<T, const SIZE: usize>(data: &[u8], is_big: bool, read: impl Fn([u8; SIZE]) -> T) -> Vec<T> {
    let ordered = |bytes: &[u8; SIZE]| {
        let mut bytes = *bytes;
        if is_big {
            bytes.reverse();
        }
        bytes
    };
    data.as_chunks().0.iter().map(|bytes| read(ordered(bytes))).collect()
}

/// Elements of `size` bytes, of which those along the first side lie together, with those along the last side together.
fn in_c_order(data: &[u8], shape: &[usize], size: usize) -> Vec<u8> {
    let mut ordered = Vec::with_capacity(data.len());
    let mut index = vec![0; shape.len()];
    for _ in 0..data.len() / size {
        let at = index.iter().zip(shape).rev().fold(0, |at, (index, side)| at * side + index);
        ordered.extend_from_slice(&data[at * size..(at + 1) * size]);
        for (index, side) in index.iter_mut().zip(shape).rev() {
            *index = (*index + 1) % side;
            if *index > 0 {
                break;
            }
        }
    }
    ordered
}

/// Writes floats of 32 bits, in the bytes that `numpy.save` writes.
///
/// # Panics
/// If `shape` has not as many.
pub fn write(shape: &[usize], values: &[f32]) -> Vec<u8> {
    let mut bytes = header("<f4", shape, values.len());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

/// Writes bytes, `u1`, in the same way.
///
/// # Panics
/// If `shape` has not as many.
pub fn write_bytes(shape: &[usize], values: &[u8]) -> Vec<u8> {
    [header("|u1", shape, values.len()), values.to_vec()].concat()
}

/// Writes whole numbers of 64 bits, `i8`, in the same way.
///
/// # Panics
/// If `shape` has not as many.
pub fn write_whole(shape: &[usize], values: &[i64]) -> Vec<u8> {
    let mut bytes = header("<i8", shape, values.len());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

/// What stands before so many numbers of a type.
fn header(descr: &str, shape: &[usize], count: usize) -> Vec<u8> {
    assert_eq!(shape.iter().product::<usize>(), count, "as many numbers as the shape has");
    let sides: Vec<String> = shape.iter().map(ToString::to_string).collect();
    let comma = if shape.len() == 1 { "," } else { "" };
    let mut header =
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({}{comma}), }}", sides.join(", "));
    // Magic, version and length stand before it, a line break after it.
    let end = (MAGIC.len() + 4 + header.len() + 1).next_multiple_of(ALIGNMENT);
    let padding = end - MAGIC.len() - 4 - header.len() - 1;
    let _ = writeln!(header, "{:padding$}", "");
    [MAGIC, &[1, 0], &(header.len() as u16).to_le_bytes(), header.as_bytes()].concat()
}

/// What follows the magic: the header's text, and the numbers.
fn split(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (version, rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = match version[0] {
        1 => rest.split_first_chunk::<2>().map(|(length, rest)| (usize::from(u16::from_le_bytes(*length)), rest))?,
        2 | 3 => rest.split_first_chunk::<4>().map(|(length, rest)| (u32::from_le_bytes(*length) as usize, rest))?,
        _ => return None,
    };
    let (header, data) = rest.split_at_checked(length)?;
    Some((std::str::from_utf8(header).ok()?, data))
}

struct Header<'a> {
    descr: &'a str,
    fortran_order: bool,
    shape: Vec<usize>,
}

impl<'a> Header<'a> {
    /// A Python dictionary such as `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`, its keys in any order.
    fn parse(text: &'a str) -> Option<Self> {
        let mut python = Python(text);
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        python.take("{")?;
        while python.take("}").is_none() {
            let key = python.string()?;
            python.take(":")?;
            match key {
                "descr" => descr = Some(python.string()?),
                "fortran_order" => {
                    let is_true = python.take("True").is_some();
                    if !is_true {
                        python.take("False")?;
                    }
                    fortran_order = Some(is_true);
                }
                "shape" => shape = Some(python.tuple()?),
                _ => return None,
            }
            if python.take(",").is_none() {
                python.take("}")?;
                break;
            }
        }
        Some(Self { descr: descr?, fortran_order: fortran_order?, shape: shape? })
    }
}

/// What is left to read of a Python literal.
struct Python<'a>(&'a str);

impl<'a> Python<'a> {
    /// Reads one token, and blanks before it; nothing if another one follows.
    fn take(&mut self, token: &str) -> Option<()> {
        self.0 = self.0.trim_start().strip_prefix(token)?;
        Some(())
    }

    /// A string without escapes, in Python 2 perhaps marked as Unicode.
    fn string(&mut self) -> Option<&'a str> {
        let _ = self.take("u");
        let quote = if self.take("'").is_some() { '\'' } else { self.take("\"").map(|()| '"')? };
        let (string, rest) = self.0.split_once(quote)?;
        self.0 = rest;
        Some(string)
    }

    /// A tuple of whole numbers, in Python 2 perhaps marked as long.
    fn tuple(&mut self) -> Option<Vec<usize>> {
        let mut numbers = Vec::new();
        self.take("(")?;
        while self.take(")").is_none() {
            let text = self.0.trim_start();
            let end = text.find(|letter: char| !letter.is_ascii_digit())?;
            numbers.push(text[..end].parse().ok()?);
            self.0 = text[end..].strip_prefix('L').unwrap_or(&text[end..]);
            if self.take(",").is_none() {
                self.take(")")?;
                break;
            }
        }
        Some(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `numpy.save` of NumPy 1.26: `numpy.array([[1, 2, 3]], "f4")` and `numpy.array([0.5], "f4")`.
    #[test]
    fn bytes_are_those_of_numpy() {
        let check = |shape: &[usize], values: &[f32], header: &str| {
            let mut expected = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
            expected.extend(format!("{header:<117}\n").bytes());
            expected.extend(values.iter().flat_map(|value| value.to_le_bytes()));
            assert_eq!(write(shape, values), expected);
            let array = Array { shape: shape.to_vec(), numbers: Numbers::Single(values.to_vec()) };
            assert_eq!(read(&expected), Ok(array));
        };
        check(&[1, 3], &[1.0, 2.0, 3.0], "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }");
        check(&[1], &[0.5], "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }");
        let bytes = write_bytes(&[1, 2], &[0, 255]);
        assert!(bytes[10..].starts_with(b"{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2), }"));
        assert_eq!(read(&bytes), Ok(Array { shape: vec![1, 2], numbers: Numbers::Bytes(vec![0, 255]) }));
        let whole = read(&write_whole(&[2], &[-1, 300]));
        assert_eq!(whole, Ok(Array { shape: vec![2], numbers: Numbers::Whole(vec![-1, 300]) }));
    }

    fn headed(header: &str, data: &[u8]) -> Vec<u8> {
        [MAGIC, &[2, 0], &(header.len() as u32).to_le_bytes(), header.as_bytes(), data].concat()
    }

    #[test]
    fn other_types_and_ways_to_write_a_header_are_read() {
        let double = headed(
            "{\"shape\":(2,1),\"descr\":\"<f8\",\"fortran_order\":False}",
            &[[0; 8], 1.5f64.to_le_bytes()].concat(),
        );
        assert_eq!(read(&double), Ok(Array { shape: vec![2, 1], numbers: Numbers::Double(vec![0.0, 1.5]) }));
        let bytes = headed("{'descr': '|u1', 'fortran_order': False, 'shape': (), }  \n", &[7]);
        assert_eq!(read(&bytes), Ok(Array { shape: vec![], numbers: Numbers::Bytes(vec![7]) }));
    }

    /// As NumPy wrote them in Python 2, and with the orders of bytes that it knows.
    #[test]
    fn old_headers_and_both_orders_of_bytes_are_read() {
        let check = |header: &str, data: &[u8]| {
            let found = read(&headed(header, data)).map(|array| (array.shape, array.numbers));
            assert_eq!(found, Ok((vec![1, 2], Numbers::Single(vec![1.5, -2.0]))), "{header}");
        };
        let little = [1.5f32, -2.0].map(f32::to_le_bytes).concat();
        let big = [1.5f32, -2.0].map(f32::to_be_bytes).concat();
        check("{'descr': '<f4', 'fortran_order': False, 'shape': (1L, 2L), }", &little);
        check("{u'descr': u'<f4', u'fortran_order': False, u'shape': (1L, 2L)}", &little);
        check("{\"descr\": \"<f4\", \"fortran_order\": False, \"shape\": (1, 2)}", &little);
        check("{'descr': '>f4', 'fortran_order': False, 'shape': (1, 2), }", &big);
        for native in ["=f4", "f4"] {
            let data = [1.5f32, -2.0].map(f32::to_ne_bytes).concat();
            check(&format!("{{'descr': '{native}', 'fortran_order': False, 'shape': (1, 2), }}"), &data);
        }
        let bytes = headed("{'descr': '<u1', 'fortran_order': False, 'shape': (1, 1)}", &[7]);
        assert_eq!(read(&bytes).map(|array| array.numbers), Ok(Numbers::Bytes(vec![7])));
    }

    /// `numpy.asfortranarray([[1, 2, 3], [4, 5, 6]])`, and the same of three axes.
    #[test]
    fn fortran_order_becomes_c_order() {
        let check = |shape: &str, data: &[u8], expected: &[u8]| {
            let header = format!("{{'descr': '|u1', 'fortran_order': True, 'shape': {shape}, }}");
            assert_eq!(read(&headed(&header, data)).unwrap().numbers, Numbers::Bytes(expected.to_vec()), "{shape}");
        };
        check("(2, 3)", &[1, 4, 2, 5, 3, 6], &[1, 2, 3, 4, 5, 6]);
        check("(2, 2, 3)", &[0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        check("(0, 3)", &[], &[]);
    }

    #[test]
    fn whole_numbers_half_floats_and_truth_values_are_read() {
        let check = |descr: &str, data: &[u8], expected: Numbers| {
            let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (2,), }}");
            assert_eq!(read(&headed(&header, data)).unwrap().numbers, expected, "{descr}");
        };
        let whole = |numbers: [i64; 2]| Numbers::Whole(numbers.to_vec());
        check("|i1", &[1, 0xfe], whole([1, -2]));
        check(">i2", &[0, 1, 0xff, 0xfe], whole([1, -2]));
        check("<u2", &[1, 0, 0xfe, 0xff], whole([1, 65534]));
        check("<i4", &[1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff], whole([1, -2]));
        check("<u4", &[1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff], whole([1, 4_294_967_294]));
        check("<i8", &[1i64, -2].map(i64::to_le_bytes).concat(), whole([1, -2]));
        check(">u8", &[1u64, u64::MAX].map(u64::to_be_bytes).concat(), whole([1, i64::MAX]));
        check("<f2", &[0, 0x3c, 0, 0xc1], Numbers::Single(vec![1.0, -2.5]));
        check("|b1", &[1, 0], Numbers::Bytes(vec![1, 0]));
    }

    #[test]
    fn what_is_wrong_is_an_error() {
        let header =
            |order: &str, shape: &str| format!("{{'descr': '<f4', 'fortran_order': {order}, 'shape': {shape}, }}");
        let check = |bytes: &[u8], expected: fn(&NpyError) -> bool| {
            let found = read(bytes).unwrap_err();
            assert!(expected(&found), "{found:?}");
        };
        check(b"PK\x03\x04", |error| *error == NpyError::Archive);
        check(b"GIF89a", |error| *error == NpyError::Magic);
        check(&headed(&header("False", "(1,)"), &[])[..30], |error| *error == NpyError::Header);
        check(&headed(&header("False", "(1,)"), &[0; 3]), |error| matches!(error, NpyError::Length { found: 3, .. }));
        check(&headed(&header("False", &format!("({}, 8)", usize::MAX)), &[0; 8]), |error| {
            matches!(error, NpyError::Length { found: 8, .. })
        });
        check(&headed("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", &[0; 8]), |error| {
            *error == NpyError::Type("|O".to_owned())
        });
        for text in ["", "{", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}"] {
            check(&headed(text, &[]), |error| matches!(error, NpyError::Dictionary(_)));
        }
        for shape in ["(1, x)", "(-1,)", "(1", "1", "(1 2)", "(99999999999999999999,)"] {
            check(&headed(&header("False", shape), &[]), |error| matches!(error, NpyError::Dictionary(_)));
        }
    }
}
