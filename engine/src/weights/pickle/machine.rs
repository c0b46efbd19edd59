//! The stack machine that a pickle is a program for, instruction by instruction.

use std::collections::HashMap;

use super::{Pickle, Value};

/// Instructions that are carried out at most. Each makes one value of some 100 bytes at the most; a checkpoint of 2000 tensors has some 60000, with the
/// state of its training some 300000.
const MOST: usize = 1 << 21;

/// The stack machine.
pub struct Machine<'a> {
    rest: &'a [u8],
    stack: Vec<Value<'a>>,
    /// Heights of the stack that were marked.
    marks: Vec<usize>,
    memo: HashMap<u64, Value<'a>>,
    pickle: Pickle<'a>,
}

impl<'a> Machine<'a> {
    /// About to run the program in `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
            pickle: Pickle {
                root: Value::None,
                lists: Vec::new(),
                dicts: Vec::new(),
                tensors: Vec::new(),
            },
        }
    }

    /// Runs it to its end.
    pub fn run(mut self) -> Result<Pickle<'a>, String> {
        for _ in 0..MOST {
            if !self.step()? {
                return Ok(self.pickle);
            }
        }
        Err(format!("it has more than {MOST} instructions"))
    }

    /// One instruction; false after the last. Instructions by their letters in Python's `pickletools`.
    fn step(&mut self) -> Result<bool, String> {
        let code = self.byte()?;
        match code {
            // PROTO, FRAME
            0x80 => drop(self.take(1)?),
            0x95 => drop(self.take(8)?),
            b'.' => {
                self.pickle.root = self.pop()?;
                return Ok(false);
            }
            // POP, POP_MARK, DUP, MARK
            b'0' => drop(self.pop()?),
            b'1' => drop(self.marked()?),
            b'2' => {
                let top = self.top()?;
                self.stack.push(top);
            }
            b'(' => self.marks.push(self.stack.len()),
            // NONE, NEWTRUE, NEWFALSE
            b'N' => self.stack.push(Value::None),
            0x88 => self.stack.push(Value::Bool(true)),
            0x89 => self.stack.push(Value::Bool(false)),
            // BININT, BININT1, BININT2, LONG1, INT and LONG
            b'J' => {
                let number = self.number::<4>()? as u32 as i32;
                self.stack.push(Value::Int(number.into()));
            }
            b'K' => self.int::<1>()?,
            b'M' => self.int::<2>()?,
            0x8a => {
                let length = usize::from(self.byte()?);
                let bytes = self.take(length)?;
                self.stack.push(long(bytes));
            }
            b'I' | b'L' => {
                let line = self.line()?.trim_end_matches('L');
                self.stack.push(line.parse().map_or(Value::Unknown, Value::Int));
            }
            // FLOAT, BINFLOAT
            b'F' => {
                self.line()?;
                self.stack.push(Value::Unknown);
            }
            b'G' => self.skip(8)?,
            // BINUNICODE, SHORT_BINUNICODE, BINUNICODE8
            b'X' => self.text::<4>()?,
            0x8c => self.text::<1>()?,
            0x8d => self.text::<8>()?,
            // SHORT_BINSTRING, BINSTRING, SHORT_BINBYTES, BINBYTES, BINBYTES8, BYTEARRAY8
            b'U' => self.text::<1>()?,
            b'T' => self.text::<4>()?,
            b'C' => self.bytes::<1>()?,
            b'B' => self.bytes::<4>()?,
            0x8e | 0x96 => self.bytes::<8>()?,
            // LONG4
            0x8b => self.bytes::<4>()?,
            // EMPTY_TUPLE, EMPTY_LIST, EMPTY_DICT, EMPTY_SET
            b')' | b']' => self.push_list(Vec::new()),
            b'}' => {
                let dict = self.pickle.new_dict(Vec::new());
                self.stack.push(dict);
            }
            0x8f => self.stack.push(Value::Unknown),
            // TUPLE and LIST, TUPLE1, TUPLE2, TUPLE3, DICT, FROZENSET
            b't' | b'l' => {
                let values = self.marked()?;
                self.push_list(values);
            }
            0x85..=0x87 => {
                let values = self.last(usize::from(code - 0x84))?;
                self.push_list(values);
            }
            b'd' => {
                let entries = pairs(&self.marked()?);
                let dict = self.pickle.new_dict(entries);
                self.stack.push(dict);
            }
            0x91 => {
                self.marked()?;
                self.stack.push(Value::Unknown);
            }
            // APPEND, APPENDS, SETITEM, SETITEMS, ADDITEMS
            b'a' => {
                let value = self.pop()?;
                self.append(&[value])?;
            }
            b'e' => {
                let values = self.marked()?;
                self.append(&values)?;
            }
            b's' => {
                let entry = self.last(2)?;
                self.insert(&entry)?;
            }
            b'u' => {
                let entries = self.marked()?;
                self.insert(&entries)?;
            }
            0x90 => drop(self.marked()?),
            // GLOBAL, STACK_GLOBAL
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.stack.push(Value::Global(module, name));
            }
            0x93 => {
                let names = self.last(2)?;
                self.stack.push(match names.as_slice() {
                    [Value::Text(module), Value::Text(name)] => Value::Global(module, name),
                    _ => Value::Unknown,
                });
            }
            // REDUCE, NEWOBJ, NEWOBJ_EX, INST, OBJ, BUILD
            b'R' => {
                let arguments = self.pop()?;
                let function = self.pop()?;
                let value = self.pickle.call(function, arguments);
                self.stack.push(value);
            }
            0x81 => self.unknown(2)?,
            0x92 => self.unknown(3)?,
            b'i' => {
                self.line()?;
                self.line()?;
                self.marked()?;
                self.stack.push(Value::Unknown);
            }
            b'o' => {
                self.marked()?;
                self.stack.push(Value::Unknown);
            }
            b'b' => drop(self.pop()?),
            // PERSID, BINPERSID
            b'P' => {
                self.line()?;
                self.stack.push(Value::Unknown);
            }
            b'Q' => {
                let identifier = self.pop()?;
                let storage = self.pickle.storage(identifier);
                self.stack.push(storage);
            }
            // PUT, BINPUT, LONG_BINPUT, MEMOIZE; GET, BINGET, LONG_BINGET
            b'p' | b'q' | b'r' | 0x94 => {
                let at = self.place(code)?;
                self.remember(at)?;
            }
            b'g' | b'h' | b'j' => {
                let at = self.place(code)?;
                self.recall(at)?;
            }
            _ => return Err(format!("it has the instruction {code:#04x}, which torch.save never writes")),
        }
        Ok(true)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or("it ends early")?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, String> {
        Ok(self.take(1)?[0])
    }

    /// An unsigned number of `N` bytes, the lowest first.
    fn number<const N: usize>(&mut self) -> Result<u64, String> {
        let bytes = self.take(N)?;
        Ok(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn int<const N: usize>(&mut self) -> Result<(), String> {
        let number = self.number::<N>()?;
        self.stack.push(Value::Int(number as i64));
        Ok(())
    }

    /// A run of bytes behind a length of `N` bytes.
    fn counted<const N: usize>(&mut self) -> Result<&'a [u8], String> {
        let length = self.number::<N>()?;
        self.take(usize::try_from(length).map_err(|_| "it ends early")?)
    }

    fn text<const N: usize>(&mut self) -> Result<(), String> {
        let bytes = self.counted::<N>()?;
        self.stack
            .push(std::str::from_utf8(bytes).map_or(Value::Unknown, Value::Text));
        Ok(())
    }

    fn bytes<const N: usize>(&mut self) -> Result<(), String> {
        self.counted::<N>()?;
        self.stack.push(Value::Unknown);
        Ok(())
    }

    fn skip(&mut self, count: usize) -> Result<(), String> {
        self.take(count)?;
        self.stack.push(Value::Unknown);
        Ok(())
    }

    fn line(&mut self) -> Result<&'a str, String> {
        let end = self.rest.iter().position(|byte| *byte == b'\n').ok_or("it ends early")?;
        let line = self.take(end + 1)?;
        std::str::from_utf8(&line[..end]).map_err(|_| "it has a name that is no text".to_owned())
    }

    /// Where the instruction `code` remembers or recalls: a decimal line, one byte, four bytes, or the next place.
    fn place(&mut self, code: u8) -> Result<u64, String> {
        match code {
            b'p' | b'g' => self.line()?.parse().map_err(|_| "it remembers under a name".to_owned()),
            b'q' | b'h' => self.number::<1>(),
            b'r' | b'j' => self.number::<4>(),
            _ => Ok(self.memo.len() as u64),
        }
    }

    fn pop(&mut self) -> Result<Value<'a>, String> {
        self.last(1).map(|values| values[0])
    }

    fn top(&self) -> Result<Value<'a>, String> {
        self.stack
            .last()
            .copied()
            .ok_or_else(|| "it takes what is not there".to_owned())
    }

    /// The last `count` values, taken off.
    fn last(&mut self, count: usize) -> Result<Vec<Value<'a>>, String> {
        let floor = self.marks.last().copied().unwrap_or(0);
        let start = self.stack.len().checked_sub(count).filter(|start| *start >= floor);
        let start = start.ok_or("it takes what is not there")?;
        Ok(self.stack.split_off(start))
    }

    /// All values since the last mark, taken off.
    fn marked(&mut self) -> Result<Vec<Value<'a>>, String> {
        let start = self.marks.pop().ok_or("it goes back to a mark that was never set")?;
        Ok(self.stack.split_off(start))
    }

    fn unknown(&mut self, count: usize) -> Result<(), String> {
        self.last(count)?;
        self.stack.push(Value::Unknown);
        Ok(())
    }

    fn push_list(&mut self, values: Vec<Value<'a>>) {
        let list = self.pickle.new_list(values);
        self.stack.push(list);
    }

    fn append(&mut self, values: &[Value<'a>]) -> Result<(), String> {
        if let Value::List(at) = self.top()? {
            self.pickle.lists[at].extend(values);
        }
        Ok(())
    }

    fn insert(&mut self, entries: &[Value<'a>]) -> Result<(), String> {
        if let Value::Dict(at) = self.top()? {
            self.pickle.dicts[at].extend(pairs(entries));
        }
        Ok(())
    }

    fn remember(&mut self, at: u64) -> Result<(), String> {
        let top = self.top()?;
        self.memo.insert(at, top);
        Ok(())
    }

    fn recall(&mut self, at: u64) -> Result<(), String> {
        let value = self.memo.get(&at).copied().ok_or("it recalls what it never remembered")?;
        self.stack.push(value);
        Ok(())
    }
}

fn pairs<'a>(values: &[Value<'a>]) -> Vec<(Value<'a>, Value<'a>)> {
    values.as_chunks::<2>().0.iter().map(|[key, value]| (*key, *value)).collect()
}

/// A whole number in as few bytes as it needs, the sign in the highest bit.
fn long(bytes: &[u8]) -> Value<'static> {
    if bytes.len() > size_of::<i64>() {
        return Value::Unknown;
    }
    let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
    let mut wide = [if negative { 0xff } else { 0 }; size_of::<i64>()];
    wide[..bytes.len()].copy_from_slice(bytes);
    Value::Int(i64::from_le_bytes(wide))
}
