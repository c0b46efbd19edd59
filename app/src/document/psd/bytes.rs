//! Reading what may end at any place.

/// Why a PSD cannot be opened: a sentence that goes on from the file's name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Fault(String);

impl Fault {
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// `what` makes no sense.
    pub fn damaged(what: &str) -> Self {
        Self(format!(
            "is damaged: {what}. Open a copy, or save it again in the program that made it"
        ))
    }

    pub fn cut_off() -> Self {
        Self::damaged("it ends before it should")
    }
}

/// Bytes from the front of which is read, numbers with their high byte first.
#[derive(Clone, Copy)]
pub struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    pub fn take(&mut self, count: usize) -> Result<Self, Fault> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(Fault::cut_off)?;
        self.0 = rest;
        Ok(Self(taken))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (taken, rest) = self.0.split_first_chunk().ok_or_else(Fault::cut_off)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub fn u8(&mut self) -> Result<u8, Fault> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    pub fn u16(&mut self) -> Result<u16, Fault> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    pub fn i16(&mut self) -> Result<i16, Fault> {
        Ok(i16::from_be_bytes(self.array()?))
    }

    pub fn u32(&mut self) -> Result<u32, Fault> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    pub fn i32(&mut self) -> Result<i32, Fault> {
        Ok(i32::from_be_bytes(self.array()?))
    }

    pub fn f64(&mut self) -> Result<f64, Fault> {
        Ok(f64::from_be_bytes(self.array()?))
    }

    /// Four letters that name something.
    pub fn key(&mut self) -> Result<[u8; 4], Fault> {
        self.array()
    }

    /// A length, and so many bytes.
    pub fn section(&mut self) -> Result<Self, Fault> {
        let length = self.u32()?;
        self.take(length as usize)
    }

    /// The next tagged block: its key and data. None where none begins: whatever stands there has no name that we could know.
    pub fn block(&mut self) -> Option<([u8; 4], Self)> {
        // Blocks are padded to two bytes or four, or not at all, depending on the program.
        let start = (0..4).find(|skip| {
            let signature = self.0.get(*skip..skip + 4);
            matches!(signature, Some(b"8BIM" | b"8B64"))
        })?;
        self.take(start + 4).ok()?;
        Some((self.key().ok()?, self.section().ok()?))
    }
}
