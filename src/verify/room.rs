//! Room for details. Their number alone does not bound memory: a name in a bundle may be a mebibyte long.

/// Most bytes of names and texts that are kept in one list of details.
const ROOM_LEN: usize = 1 << 20;

/// What is left of the room of one list.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    left: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self { left: ROOM_LEN }
    }
}

impl Room {
    /// Takes so many bytes if they are there.
    pub fn take(&mut self, len: usize) -> bool {
        let left = self.left.checked_sub(len);
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }
}
