//! The part of Python's pickle format that data sets of NumPy arrays use: text, bytes, whole numbers, lists, tuples,
//! dictionaries and arrays of bytes. A pickle is a program; this one only builds these values, and whatever else it asks for
//! is an error. Nothing of it is ever run.
//!
//! Python's `pickletools.py` documents the operations, `numpy.ndarray.__reduce__` how an array is taken apart.

use std::rc::Rc;

/// Values within others: more is no data set, and takes a stack to free.
const MAX_NESTED: usize = 1000;

/// A value, of which bytes are those of the pickle.
#[derive(Clone, Debug)]
pub(crate) enum Value<'a> {
    None,
    Whole(i64),
    /// Bytes, or text as UTF-8.
    Bytes(&'a [u8]),
    /// Bytes that Python 3 wrote as text for Python 2.
    Latin(Rc<Vec<u8>>),
    List(Vec<Value<'a>>),
    Tuple(Rc<Vec<Value<'a>>>),
    Dict(Vec<(Value<'a>, Value<'a>)>),
    /// A class or a function, by its name.
    Global(&'static str),
    /// What NumPy makes an array or a type of, before its state is set.
    Called(Rc<(&'static str, Value<'a>)>),
    /// An array of bytes, of any shape.
    Array(Rc<Array<'a>>),
}

/// An array of bytes.
#[derive(Debug)]
pub(crate) struct Array<'a> {
    pub(crate) shape: Vec<usize>,
    pub(crate) bytes: Value<'a>,
}

/// What is allowed to stand in a pickle, by the names that it has had.
const GLOBALS: [(&str, &str, &str); 7] = [
    ("numpy.core.multiarray", "_reconstruct", "array"),
    ("numpy._core.multiarray", "_reconstruct", "array"),
    ("numpy", "ndarray", "ndarray"),
    ("numpy", "dtype", "dtype"),
    ("_codecs", "encode", "encode"),
    ("builtins", "bytes", "bytes"),
    ("__builtin__", "bytes", "bytes"),
];

impl<'a> Value<'a> {
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Value::Bytes(bytes) => Some(bytes),
            Value::Latin(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The value of a key of a dictionary.
    pub(crate) fn get(&self, key: &str) -> Option<&Value<'a>> {
        let Value::Dict(items) = self else { return None };
        items.iter().find(|(own, _)| own.bytes() == Some(key.as_bytes())).map(|(_, value)| value)
    }

    /// The whole numbers of a list, an array of bytes or a tuple.
    pub(crate) fn whole_numbers(&self) -> Option<Vec<i64>> {
        let values = match self {
            Value::List(values) => values,
            Value::Tuple(values) => &**values,
            _ => return None,
        };
        values.iter().map(|value| if let Value::Whole(number) = value { Some(*number) } else { None }).collect()
    }

    fn is_plain(&self) -> bool {
        matches!(self, Value::None | Value::Whole(_) | Value::Bytes(_) | Value::Latin(_) | Value::Global(_))
    }
}

/// Reads the one value of a pickle.
///
/// # Errors
/// The pickle is damaged, or holds something else; a sentence without a full stop.
pub(crate) fn read(bytes: &[u8]) -> Result<Value<'_>, String> {
    let mut machine =
        Machine { rest: bytes, length: bytes.len(), stack: Vec::new(), marks: Vec::new(), memo: Vec::new(), nested: 0 };
    loop {
        let at = machine.at();
        match machine.step() {
            Ok(None) => {}
            Ok(Some(value)) => return Ok(value),
            Err(what) => return Err(format!("it is no pickle of arrays: {what} at byte {at}")),
        }
    }
}

struct Machine<'a> {
    rest: &'a [u8],
    length: usize,
    stack: Vec<Value<'a>>,
    /// Heights of the stack.
    marks: Vec<usize>,
    /// Lists and dictionaries change, and data sets name none of them twice: they are not kept.
    memo: Vec<Option<Value<'a>>>,
    nested: usize,
}

const CUT: &str = "it is cut short";
const EMPTY: &str = "a value is missing";

impl<'a> Machine<'a> {
    fn at(&self) -> usize {
        self.length - self.rest.len()
    }

    /// One operation; a value at the end.
    fn step(&mut self) -> Result<Option<Value<'a>>, String> {
        let [operation] = self.array()?;
        match operation {
            // The version, and where a frame ends: nothing follows from them.
            0x80 => drop(self.array::<1>()?),
            0x95 => drop(self.array::<8>()?),
            b'(' => self.marks.push(self.stack.len()),
            b'N' => self.push(Value::None),
            0x88 => self.push(Value::Whole(1)),
            0x89 => self.push(Value::Whole(0)),
            b'K' => {
                let number = self.array::<1>()?[0];
                self.push(Value::Whole(number.into()));
            }
            b'M' => {
                let number = u16::from_le_bytes(self.array()?);
                self.push(Value::Whole(number.into()));
            }
            b'J' => {
                let number = i32::from_le_bytes(self.array()?);
                self.push(Value::Whole(number.into()));
            }
            b'U' | b'C' | 0x8c => {
                let length = self.array::<1>()?[0];
                self.text(length.into())?;
            }
            b'T' | b'X' | b'B' => {
                let length = u32::from_le_bytes(self.array()?);
                self.text(length.into())?;
            }
            0x8d | 0x8e => {
                let length = u64::from_le_bytes(self.array()?);
                self.text(length)?;
            }
            b'}' => self.push(Value::Dict(Vec::new())),
            b']' => self.push(Value::List(Vec::new())),
            b')' => self.push(Value::Tuple(Rc::default())),
            b'q' => {
                let index = self.array::<1>()?[0];
                self.keep(index.into())?;
            }
            b'r' => {
                let index = u32::from_le_bytes(self.array()?);
                self.keep(index as usize)?;
            }
            0x94 => self.keep(self.memo.len())?,
            b'h' => {
                let index = self.array::<1>()?[0];
                self.recall(index.into())?;
            }
            b'j' => {
                let index = u32::from_le_bytes(self.array()?);
                self.recall(index as usize)?;
            }
            b'a' => {
                let value = self.pop()?;
                self.append(vec![value])?;
            }
            b'e' => {
                let values = self.since_mark()?;
                self.append(values)?;
            }
            b's' => {
                let pair = self.last(2)?;
                self.set(pair)?;
            }
            b'u' => {
                let values = self.since_mark()?;
                self.set(values)?;
            }
            b't' => {
                let values = self.since_mark()?;
                self.tuple(values)?;
            }
            0x85..=0x87 => {
                let values = self.last(usize::from(operation - 0x84))?;
                self.tuple(values)?;
            }
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.global(module, name)?;
            }
            0x93 => {
                let [Value::Bytes(module), Value::Bytes(name)] = self.last(2)?[..] else { return Err(EMPTY.into()) };
                self.global(module, name)?;
            }
            b'R' => self.call()?,
            b'b' => self.build()?,
            b'.' => return self.pop().map(Some),
            other => return Err(format!("operation {other:#04x}")),
        }
        Ok(None)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(CUT)?;
        self.rest = rest;
        Ok(*array)
    }

    fn text(&mut self, length: u64) -> Result<(), String> {
        let length = usize::try_from(length).map_err(|_| CUT)?;
        let (text, rest) = self.rest.split_at_checked(length).ok_or(CUT)?;
        self.rest = rest;
        self.push(Value::Bytes(text));
        Ok(())
    }

    fn line(&mut self) -> Result<&'a [u8], String> {
        let end = self.rest.iter().position(|byte| *byte == b'\n').ok_or(CUT)?;
        let (line, rest) = self.rest.split_at(end);
        self.rest = &rest[1..];
        Ok(line)
    }

    fn push(&mut self, value: Value<'a>) {
        self.stack.push(value);
    }

    fn pop(&mut self) -> Result<Value<'a>, String> {
        self.stack.pop().ok_or_else(|| EMPTY.to_owned())
    }

    fn last(&mut self, count: usize) -> Result<Vec<Value<'a>>, String> {
        let from = self.stack.len().checked_sub(count).ok_or(EMPTY)?;
        Ok(self.stack.split_off(from))
    }

    fn since_mark(&mut self) -> Result<Vec<Value<'a>>, String> {
        let mark = self.marks.pop().filter(|mark| *mark <= self.stack.len()).ok_or("a mark is missing")?;
        Ok(self.stack.split_off(mark))
    }

    fn keep(&mut self, index: usize) -> Result<(), String> {
        let value = self.stack.last().ok_or(EMPTY)?;
        // They are numbered in turn.
        if index > self.memo.len() {
            return Err("a value that is kept out of turn".to_owned());
        }
        let kept = if matches!(value, Value::List(_) | Value::Dict(_)) { None } else { Some(value.clone()) };
        match self.memo.get_mut(index) {
            Some(place) => *place = kept,
            None => self.memo.push(kept),
        }
        Ok(())
    }

    fn recall(&mut self, index: usize) -> Result<(), String> {
        let value = self.memo.get(index).cloned().flatten();
        self.push(value.ok_or("a value that was not kept")?);
        Ok(())
    }

    /// Counts values that will stand within another one and hold others.
    fn nest(&mut self, values: &[Value<'a>]) -> Result<(), String> {
        self.nested += values.iter().filter(|value| !value.is_plain()).count();
        if self.nested > MAX_NESTED { Err("too many values within values".to_owned()) } else { Ok(()) }
    }

    fn append(&mut self, values: Vec<Value<'a>>) -> Result<(), String> {
        self.nest(&values)?;
        match self.stack.last_mut() {
            Some(Value::List(list)) => list.extend(values),
            _ => return Err("no list to append to".to_owned()),
        }
        Ok(())
    }

    fn set(&mut self, values: Vec<Value<'a>>) -> Result<(), String> {
        self.nest(&values)?;
        let Some(Value::Dict(items)) = self.stack.last_mut() else { return Err("no dictionary to set".to_owned()) };
        let mut values = values.into_iter();
        while let (Some(key), Some(value)) = (values.next(), values.next()) {
            items.push((key, value));
        }
        Ok(())
    }

    fn tuple(&mut self, values: Vec<Value<'a>>) -> Result<(), String> {
        self.nest(&values)?;
        self.push(Value::Tuple(Rc::new(values)));
        Ok(())
    }

    fn global(&mut self, module: &[u8], name: &[u8]) -> Result<(), String> {
        let known = GLOBALS.iter().find(|(own, known, _)| own.as_bytes() == module && known.as_bytes() == name);
        let Some((_, _, what)) = known else {
            let [module, name] = [module, name].map(String::from_utf8_lossy);
            return Err(format!("`{module}.{name}`, which is not read"));
        };
        self.push(Value::Global(what));
        Ok(())
    }

    fn call(&mut self) -> Result<(), String> {
        let arguments = self.pop()?;
        let Value::Global(function) = self.pop()? else { return Err("a call of no function".to_owned()) };
        let Value::Tuple(values) = &arguments else { return Err("a call without arguments".to_owned()) };
        let value = match (function, &values[..]) {
            ("array" | "dtype", _) => {
                self.nest(std::slice::from_ref(&arguments))?;
                Value::Called(Rc::new((function, arguments)))
            }
            ("encode", [Value::Bytes(text), Value::Bytes(b"latin1")]) => {
                let text = std::str::from_utf8(text).map_err(|_| "text that is none")?;
                let bytes: Result<Vec<u8>, _> = text.chars().map(|letter| u8::try_from(u32::from(letter))).collect();
                Value::Latin(Rc::new(bytes.map_err(|_| "text that is no bytes")?))
            }
            ("bytes", []) => Value::Bytes(&[]),
            _ => return Err(format!("a call of `{function}`")),
        };
        self.push(value);
        Ok(())
    }

    /// Sets the state of an array or a type.
    fn build(&mut self) -> Result<(), String> {
        let (state, object) = (self.pop()?, self.pop()?);
        let (Value::Tuple(state), Value::Called(called)) = (&state, &object) else { return Err("a state".to_owned()) };
        match (called.0, &state[..]) {
            ("dtype", _) => self.push(object),
            ("array", [_, shape, Value::Called(kind), Value::Whole(0), bytes]) if is_bytes(kind) => {
                let shape = shape
                    .whole_numbers()
                    .and_then(|sides| sides.iter().map(|side| usize::try_from(*side).ok()).collect());
                let (shape, bytes) = (shape.ok_or("an array without a shape")?, bytes.clone());
                self.push(Value::Array(Rc::new(Array { shape, bytes })));
            }
            _ => return Err("an array that is none of bytes in C order".to_owned()),
        }
        Ok(())
    }
}

fn is_bytes((function, arguments): &(&str, Value<'_>)) -> bool {
    let Value::Tuple(arguments) = arguments else { return false };
    *function == "dtype" && matches!(arguments.first(), Some(Value::Bytes(b"u1" | b"|u1")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(bytes: &[u8]) -> String {
        read(bytes).unwrap_err()
    }

    /// What `pickle.dumps({b"a": [1, 300, -1], b"b": b"x"}, 3)` of Python 3.11 writes.
    #[test]
    fn plain_values_are_read() {
        let bytes = b"\x80\x03}q\x00(C\x01aq\x01]q\x02(K\x01M\x2c\x01J\xff\xff\xff\xffeC\x01bq\x03C\x01xq\x04u.";
        let value = read(bytes).unwrap();
        assert_eq!(value.get("a").unwrap().whole_numbers(), Some(vec![1, 300, -1]));
        assert_eq!(value.get("b").unwrap().bytes(), Some(b"x".as_slice()));
        assert!(value.get("c").is_none());
    }

    #[test]
    fn nothing_is_ever_run() {
        assert!(refused(b"cos\nsystem\nU\x07echo hi\x85R.").contains("`os.system`, which is not read at byte 0"));
        assert!(refused(b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02ls\x85R.").contains("`os.system`"));
        assert!(refused(b"cbuiltins\neval\n.").contains("`builtins.eval`"));
        assert!(refused(b"c_codecs\nencode\nK\x01\x85R.").contains("a call of `encode`"));
    }

    #[test]
    fn what_is_damaged_is_an_error() {
        for bytes in [
            &b""[..],
            b".",
            b"K",
            b"U\x05abc.",
            b"T\xff\xff\xff\xffa.",
            b"t.",
            b"e.",
            b"(e.",
            b"h\x00.",
            b"K\x01q\x05.",
            b"K\x01R.",
            b"K\x01b.",
            b"s.",
        ] {
            refused(bytes);
        }
        assert!(refused(&[b"K\x01".as_slice(), &[0x85; 100_000], b"."].concat()).contains("values within values"));
        // Each tuple holds the one before twice.
        let doubled = [b"K\x01\x85".as_slice(), &b"q\x00h\x00\x86".repeat(400), b"."].concat();
        assert!(read(&doubled).is_ok());
    }
}
