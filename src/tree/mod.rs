//! Merkle tree heads as in RFC 9162 section 2.1, grown leaf by leaf in memory that grows with the tree's height.

use sha2::{Digest as _, Sha256};

use crate::format::digest::Digest;

/// SHA-256(0x00 || data).
pub fn leaf_hash(data: &[u8]) -> Digest {
    Digest(Sha256::new().chain_update([0x00]).chain_update(data).finalize().into())
}

/// SHA-256(0x01 || left || right).
fn node_hash(left: Digest, right: Digest) -> Digest {
    Digest(Sha256::new().chain_update([0x01]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// A tree that takes leaves one after another and keeps only the heads of its complete subtrees.
#[derive(Clone, Debug, Default)]
pub struct TreeHead {
    leaf_count: u64,
    /// Heads of complete subtrees, largest first: one for each bit that is set in `leaf_count`.
    complete: Vec<Digest>,
}

impl TreeHead {
    /// Adds a leaf by its data.
    pub fn push(&mut self, data: &[u8]) {
        self.push_hash(leaf_hash(data));
    }

    /// Adds a leaf by its hash, as [`leaf_hash`] gives it.
    pub fn push_hash(&mut self, leaf: Digest) {
        let mut node = leaf;
        // As in a binary counter, each trailing one of the count is a subtree of the size that has just grown.
        for _ in 0..self.leaf_count.trailing_ones() {
            let Some(left) = self.complete.pop() else { break };
            node = node_hash(left, node);
        }
        self.complete.push(node);
        self.leaf_count += 1;
    }

    /// The number of leaves, and the heads of complete subtrees, largest first: with them it can be grown on later.
    pub fn parts(&self) -> (u64, &[Digest]) {
        (self.leaf_count, &self.complete)
    }

    /// From what [`Self::parts`] gave; `None` if there are not as many heads as such a tree has.
    pub fn from_parts(leaf_count: u64, complete: Vec<Digest>) -> Option<Self> {
        let count = usize::try_from(leaf_count.count_ones()).ok()?;
        (complete.len() == count).then_some(Self { leaf_count, complete })
    }

    /// Leaves so far.
    pub fn leaf_count(&self) -> u64 {
        self.leaf_count
    }

    /// The tree head over all leaves so far.
    pub fn root(&self) -> Digest {
        let joined = self.complete.iter().rev().copied().reduce(|right, left| node_hash(left, right));
        joined.unwrap_or_else(|| Digest(Sha256::digest(b"").into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The recursive definition of RFC 9162, word for word.
    fn plain(leaves: &[Vec<u8>]) -> Digest {
        match leaves {
            [] => Digest(Sha256::digest(b"").into()),
            [leaf] => leaf_hash(leaf),
            _ => {
                let k = 1 << (leaves.len() - 1).ilog2();
                node_hash(plain(&leaves[..k]), plain(&leaves[k..]))
            }
        }
    }

    #[test]
    fn it_can_be_put_aside_and_grown_on_and_too_few_heads_are_no_tree() {
        let mut whole = TreeHead::default();
        for i in 0..70u32 {
            let (count, heads) = whole.parts();
            let (heads, mut resumed) = (heads.to_vec(), TreeHead::from_parts(count, heads.to_vec()).unwrap());
            whole.push(&i.to_le_bytes());
            resumed.push(&i.to_le_bytes());
            assert_eq!(resumed.root(), whole.root());
            if let Some((_, fewer)) = heads.split_last() {
                assert!(TreeHead::from_parts(count, fewer.to_vec()).is_none());
            }
        }
    }

    #[test]
    fn it_agrees_with_the_recursive_definition() {
        let mut leaves = Vec::new();
        let mut tree = TreeHead::default();
        for i in 0..130u32 {
            assert_eq!(tree.root(), plain(&leaves));
            assert_eq!(tree.leaf_count(), u64::from(i));
            tree.push(&i.to_le_bytes());
            leaves.push(i.to_le_bytes().to_vec());
        }
    }
}
