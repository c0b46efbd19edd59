//! Python's pickle format, as far as `torch.save` writes it, without running anything.
//!
//! A pickle is a program for a small stack machine that may call any function of any Python package; that is why opening one from a stranger is
//! dangerous in Python. This reader builds texts, numbers, tuples, lists, dictionaries and the records of PyTorch's tensors, and takes the result
//! of every other call for a thing that it does not know.

mod machine;

use safetensors::Dtype;

use machine::Machine;

/// No weight has more axes.
const AXES: usize = 8;

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
        Machine::new(bytes).run()
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

    /// A tuple of whole numbers, none negative, one an axis. A pickle may name one long tuple in each of many tensors, and a few megabytes of
    /// that would fill the memory.
    fn sizes(&self, value: Value<'a>) -> Option<Vec<usize>> {
        let sizes = self.list(value)?;
        (sizes.len() <= AXES).then(|| sizes.iter().map(|value| size(*value)).collect())?
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
    fn a_tensor_of_countless_axes_is_none() {
        let is_tensor = |axes: usize| {
            let mut bytes = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(\
                (X\x07\x00\x00\x00storagectorch\nHalfStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x06tQK\x00("
                .to_vec();
            bytes.extend(b"K\x01".repeat(axes));
            bytes.extend(b"tq\x00h\x00tR.");
            let root = Pickle::read(&bytes).expect("read").root;
            assert!(matches!(root, Value::Tensor(_) | Value::Unknown), "{root:?}");
            matches!(root, Value::Tensor(_))
        };
        assert!(is_tensor(AXES));
        assert!(!is_tensor(AXES + 1));
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
