//! Python's pickle format, as far as `torch.save` writes it, without running anything.
//!
//! A pickle is a program for a small stack machine that may call any function of any Python package; that is why opening one from a stranger is
//! dangerous in Python. This reader builds texts, numbers, tuples, lists, dictionaries and the records of PyTorch's tensors, and takes the result
//! of every other call for a thing that it does not know.

use std::collections::HashMap;

use safetensors::Dtype;

/// What a pickle builds. Collections are numbers of places in the [`Pickle`], as in Python they may be shared and changed after they are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    None,
    Bool(bool),
    Int(i64),
    Text(&'a str),
    /// A class or function: module and name.
    Global(&'a str, &'a str),
    /// Tuples and lists alike.
    List(usize),
    Dict(usize),
    Storage(Storage<'a>),
    Tensor(usize),
    /// What this reader does not know, bytes and floats among it.
    Unknown,
}

/// A run of numbers in a file of its own beside the pickle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Storage<'a> {
    pub dtype: Dtype,
    /// The name of that file.
    pub key: &'a str,
}

/// A view into a storage; offset and strides count elements.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorRecord<'a> {
    pub storage: Storage<'a>,
    pub offset: usize,
    pub shape: Vec<usize>,
    pub strides: Vec<usize>,
}

/// What a pickle built, and the collections in it.
pub struct Pickle<'a> {
    pub root: Value<'a>,
    lists: Vec<Vec<Value<'a>>>,
    dicts: Vec<Vec<(Value<'a>, Value<'a>)>>,
    tensors: Vec<TensorRecord<'a>>,
}

impl<'a> Pickle<'a> {
    /// Runs a pickle.
    ///
    /// # Errors
    /// In a few words, what is wrong with it.
    pub fn read(bytes: &'a [u8]) -> Result<Self, String> {
        let mut machine = Machine {
            rest: bytes,
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
            pickle: Self {
                root: Value::None,
                lists: Vec::new(),
                dicts: Vec::new(),
                tensors: Vec::new(),
            },
        };
        while machine.step()? {}
        Ok(machine.pickle)
    }

    /// Keys and values of a dictionary, in the order in which they were put in.
    pub fn dict(&self, value: Value<'a>) -> Option<&[(Value<'a>, Value<'a>)]> {
        match value {
            Value::Dict(at) => Some(&self.dicts[at]),
            _ => None,
        }
    }

    pub fn tensor(&self, value: Value<'a>) -> Option<&TensorRecord<'a>> {
        match value {
            Value::Tensor(at) => Some(&self.tensors[at]),
            _ => None,
        }
    }

    fn list(&self, value: Value<'a>) -> Option<&[Value<'a>]> {
        match value {
            Value::List(at) => Some(&self.lists[at]),
            _ => None,
        }
    }

    /// A tuple of whole numbers, none negative.
    fn sizes(&self, value: Value<'a>) -> Option<Vec<usize>> {
        self.list(value)?.iter().map(|value| size(*value)).collect()
    }

    fn new_list(&mut self, values: Vec<Value<'a>>) -> Value<'a> {
        self.lists.push(values);
        Value::List(self.lists.len() - 1)
    }

    fn new_dict(&mut self, entries: Vec<(Value<'a>, Value<'a>)>) -> Value<'a> {
        self.dicts.push(entries);
        Value::Dict(self.dicts.len() - 1)
    }

    /// What a call gives: a tensor from PyTorch's own functions, an empty ordered dictionary, else something unknown.
    fn call(&mut self, function: Value<'a>, arguments: Value<'a>) -> Value<'a> {
        let (Value::Global(module, name), Some(arguments)) = (function, self.list(arguments)) else {
            return Value::Unknown;
        };
        match (module, name) {
            ("collections", "OrderedDict") if arguments.is_empty() => self.new_dict(Vec::new()),
            ("torch._utils", "_rebuild_tensor_v2" | "_rebuild_tensor") => match self.rebuilt(arguments) {
                Some(tensor) => {
                    self.tensors.push(tensor);
                    Value::Tensor(self.tensors.len() - 1)
                }
                None => Value::Unknown,
            },
            ("torch._utils", "_rebuild_parameter") | ("torch", "Size") => arguments.first().copied().unwrap_or(Value::Unknown),
            _ => Value::Unknown,
        }
    }

    /// `(storage, offset, shape, strides, ..)`.
    fn rebuilt(&self, arguments: &[Value<'a>]) -> Option<TensorRecord<'a>> {
        let [Value::Storage(storage), offset, shape, strides, ..] = *arguments else {
            return None;
        };
        Some(TensorRecord {
            storage,
            offset: size(offset)?,
            shape: self.sizes(shape)?,
            strides: self.sizes(strides)?,
        })
    }

    /// A persistent identifier: `("storage", class, key, device, count)`.
    fn storage(&self, identifier: Value<'a>) -> Value<'a> {
        match self.list(identifier) {
            Some([Value::Text("storage"), Value::Global("torch", class), Value::Text(key), ..]) => {
                storage_type(class).map_or(Value::Unknown, |dtype| Value::Storage(Storage { dtype, key }))
            }
            _ => Value::Unknown,
        }
    }
}

fn storage_type(class: &str) -> Option<Dtype> {
    Some(match class {
        "DoubleStorage" => Dtype::F64,
        "FloatStorage" => Dtype::F32,
        "HalfStorage" => Dtype::F16,
        "BFloat16Storage" => Dtype::BF16,
        "LongStorage" => Dtype::I64,
        "IntStorage" => Dtype::I32,
        "ShortStorage" => Dtype::I16,
        "CharStorage" => Dtype::I8,
        "ByteStorage" => Dtype::U8,
        "BoolStorage" => Dtype::BOOL,
        _ => return None,
    })
}

fn size(value: Value<'_>) -> Option<usize> {
    match value {
        Value::Int(number) => number.try_into().ok(),
        _ => None,
    }
}

/// The stack machine.
struct Machine<'a> {
    rest: &'a [u8],
    stack: Vec<Value<'a>>,
    /// Heights of the stack that were marked.
    marks: Vec<usize>,
    memo: HashMap<u64, Value<'a>>,
    pickle: Pickle<'a>,
}

impl<'a> Machine<'a> {
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
            b'p' => {
                let at = self.place()?;
                self.remember(at)?;
            }
            b'q' => {
                let at = self.number::<1>()?;
                self.remember(at)?;
            }
            b'r' => {
                let at = self.number::<4>()?;
                self.remember(at)?;
            }
            0x94 => self.remember(self.memo.len() as u64)?,
            b'g' => {
                let at = self.place()?;
                self.recall(at)?;
            }
            b'h' => {
                let at = self.number::<1>()?;
                self.recall(at)?;
            }
            b'j' => {
                let at = self.number::<4>()?;
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

    /// The decimal place of a PUT or GET.
    fn place(&mut self) -> Result<u64, String> {
        self.line()?.parse().map_err(|_| "it remembers under a name".to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_built_and_calls_are_not_made() {
        // pickle.dumps({"epoch": 7, "run": os.system("rm")}, 2), with the call as Python would write it.
        let bytes = b"\x80\x02}q\x00(X\x05\x00\x00\x00epochK\x07X\x03\x00\x00\x00runcos\nsystem\nX\x02\x00\x00\x00rm\x85Ru.";
        let pickle = Pickle::read(bytes).expect("read");
        let entries = pickle.dict(pickle.root).expect("a dictionary");
        assert_eq!(
            entries,
            [(Value::Text("epoch"), Value::Int(7)), (Value::Text("run"), Value::Unknown)]
        );
    }

    #[test]
    fn a_tensor_is_a_view_into_a_storage() {
        let bytes = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(\
            (X\x07\x00\x00\x00storagectorch\nHalfStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x06tQ\
            K\x02K\x02K\x02\x86K\x01K\x02\x86\x89ccollections\nOrderedDict\n)RtR.";
        let pickle = Pickle::read(bytes).expect("read");
        let tensor = pickle.tensor(pickle.root).expect("a tensor");
        assert_eq!(tensor.storage.dtype, Dtype::F16);
        assert_eq!((tensor.storage.key, tensor.offset), ("0", 2));
        assert_eq!(
            (tensor.shape.as_slice(), tensor.strides.as_slice()),
            ([2, 2].as_slice(), [1, 2].as_slice())
        );
    }

    #[test]
    fn what_is_no_pickle_is_refused() {
        for bytes in [
            b"".as_slice(),
            b"\x80\x02",
            b"\x80\x02.",
            b"\x80\x02u.",
            b"\x80\x02h\x05.",
            b"\x80\x02(K\x01R.",
            b"\x80\x02X\xff\xff\xff\xff.",
            b"\xff",
        ] {
            assert!(Pickle::read(bytes).is_err(), "{bytes:?}");
        }
    }
}
