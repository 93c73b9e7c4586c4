//! Decisions decoded from bytes: what a structure-aware target does to a sound input. Past the end all is zero, so that
//! every input is a script and a prefix of a script does a prefix of its work.

/// What is left of a script.
pub struct Script<'a>(pub &'a [u8]);

impl<'a> Script<'a> {
    pub fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((&first, rest)) => {
                self.0 = rest;
                first
            }
            None => 0,
        }
    }

    pub fn u16(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    pub fn u64(&mut self) -> u64 {
        u64::from_le_bytes(std::array::from_fn(|_| self.byte()))
    }

    /// A number that is often small, often next to a power of two, and can be any.
    pub fn number(&mut self) -> u64 {
        match self.byte() {
            small @ 0..=127 => u64::from(small),
            power @ 128..=191 => 1 << (power - 128),
            power @ 192..=253 => (1 << (power - 192)) - 1,
            _ => self.u64(),
        }
    }

    /// An index below `len`; 0 if there is nothing to choose from.
    pub fn below(&mut self, len: usize) -> usize {
        match len {
            0 | 1 => 0,
            2..=256 => usize::from(self.byte()) % len,
            _ => {
                let number = usize::from(self.u16()) | usize::from(self.byte()) << 16;
                number % len
            }
        }
    }

    /// One of these.
    pub fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// Up to 255 bytes, as many as the next byte says and there are.
    pub fn bytes(&mut self) -> &'a [u8] {
        let len = usize::from(self.byte()).min(self.0.len());
        let (taken, rest) = self.0.split_at(len);
        self.0 = rest;
        taken
    }

    /// All that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}
