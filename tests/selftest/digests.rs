use sha2::{Digest, Sha256, block_api};

use super::{SEED, noise};
use crate::reference::{
    INITIAL, blind_of, bundle_id, case_nonce, chain_values, chunk_digests, chunks_root, compress, hex, hmac_sha256,
    nonce, salt_of, sha256, state_bytes, tree_head,
};

fn crate_sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[test]
fn sha256_gives_the_digests_of_fips_180() {
    let long = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    let million = vec![b'a'; 1_000_000];
    let cases: [(&[u8], &str); 4] = [
        (b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (long, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
        (&million, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ];
    for (message, digest) in cases {
        assert_eq!(hex(&sha256(message)), digest);
    }
}

#[test]
fn sha256_agrees_with_another_implementation_at_every_length_around_a_block() {
    let bytes = noise(4200, 1);
    for length in (0..=200).chain([255, 256, 257, 511, 512, 513, 1023, 1024, 4095, 4096, 4097, 4200]) {
        assert_eq!(sha256(&bytes[..length]), crate_sha256(&bytes[..length]), "length {length}");
    }
}

#[test]
fn hmac_gives_the_values_of_rfc_4231() {
    let fourth: Vec<u8> = (1..=25).collect();
    let cases: [(&[u8], &[u8], &str); 5] = [
        (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        (&fourth, &[0xcd; 50], "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        (
            &[0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    ];
    for (key, message, value) in cases {
        assert_eq!(hex(&hmac_sha256(key, message)), value);
    }
}

#[test]
fn every_derived_value_is_the_hmac_of_its_own_message() {
    assert_eq!(salt_of(&SEED, b"a/b"), hmac_sha256(&SEED, b"a/b")[..16]);
    assert_eq!(blind_of(&SEED, b"a/b"), hmac_sha256(&SEED, b"\x00blind\x00a/b"));
    assert_eq!(nonce(&SEED), hmac_sha256(&SEED, b"\x00nonce"));
    assert_eq!(case_nonce(&SEED), hmac_sha256(&SEED, b"\x00case-nonce"));
    assert_eq!(bundle_id(&SEED), hmac_sha256(&SEED, b"\x00bundle-id")[..16]);
}

#[test]
fn a_chain_value_is_the_state_after_all_bytes_before_it() {
    let content = noise(5000, 2);
    let values = chain_values(&content, 512);
    assert_eq!(values.len(), 10);
    for (i, value) in values.iter().enumerate() {
        let mut state = INITIAL;
        let (blocks, rest) = content[..i * 512].as_chunks::<64>();
        assert!(rest.is_empty());
        block_api::compress256(&mut state, blocks);
        assert_eq!(*value, state_bytes(&state), "chunk {i}");
    }
}

#[test]
fn the_last_chain_value_and_the_padding_of_the_whole_length_lead_to_the_digest() {
    for length in [513, 1000, 1023, 1024, 1025, 1536] {
        let content = noise(length, 3);
        let last = *chain_values(&content, 512).last().unwrap();
        let mut state = INITIAL;
        for i in 0..8 {
            state[i] = u32::from_be_bytes(last[4 * i..4 * i + 4].try_into().unwrap());
        }
        let mut tail = content[(length - 1) / 512 * 512..].to_vec();
        tail.push(0x80);
        tail.resize((tail.len() + 8).next_multiple_of(64) - 8, 0);
        tail.extend((length as u64 * 8).to_be_bytes());
        tail.chunks(64).for_each(|block| compress(&mut state, block));
        assert_eq!(state_bytes(&state), crate_sha256(&content), "length {length}");
    }
}

#[test]
fn there_are_as_many_chain_values_as_begun_chunks_and_at_least_one() {
    for (length, count) in [(0, 1), (1, 1), (511, 1), (512, 1), (513, 2), (1024, 2), (1025, 3)] {
        let values = chain_values(&noise(length, 4), 512);
        assert_eq!(values.len(), count, "length {length}");
        assert_eq!(hex(&values[0]), "6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19");
    }
}

#[test]
fn a_chunk_digest_is_the_plain_digest_of_its_bytes() {
    let content = noise(1100, 5);
    let expected = [crate_sha256(&content[..512]), crate_sha256(&content[512..1024]), crate_sha256(&content[1024..])];
    assert_eq!(chunk_digests(&content, 512), expected);
}

/// The leaves and heads that Certificate Transparency's implementations test with.
#[test]
fn tree_heads_are_those_of_certificate_transparency() {
    let leaves: [&[u8]; 8] = [
        b"",
        &[0x00],
        &[0x10],
        &[0x20, 0x21],
        &[0x30, 0x31],
        &[0x40, 0x41, 0x42, 0x43],
        &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
        &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
    ];
    let heads = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let leaves: Vec<Vec<u8>> = leaves.iter().map(|leaf| leaf.to_vec()).collect();
    for (n, head) in heads.iter().enumerate() {
        assert_eq!(hex(&tree_head(&leaves[..n])), *head, "{n} leaves");
    }
}

/// RFC 9162, 2.1.1.1 in another shape: a stack of heads of full subtrees.
fn head_by_stack(leaves: &[Vec<u8>]) -> [u8; 32] {
    let join = |left: &[u8], right: &[u8]| crate_sha256(&[&[1], left, right].concat());
    let mut stack: Vec<[u8; 32]> = Vec::new();
    for (i, leaf) in leaves.iter().enumerate() {
        stack.push(crate_sha256(&[&[0], leaf.as_slice()].concat()));
        for _ in 0..(i + 1).trailing_zeros() {
            let right = stack.pop().unwrap();
            let left = stack.pop().unwrap();
            stack.push(join(&left, &right));
        }
    }
    let last = stack.pop().unwrap();
    stack.into_iter().rev().fold(last, |right, left| join(&left, &right))
}

#[test]
fn a_tree_head_does_not_depend_on_how_it_is_computed() {
    let leaves: Vec<Vec<u8>> = (0..70).map(|i| noise(i % 9, i as u64)).collect();
    for n in 1..=leaves.len() {
        assert_eq!(tree_head(&leaves[..n]), head_by_stack(&leaves[..n]), "{n} leaves");
    }
}

#[test]
fn a_chunk_leaf_is_sixteen_blinding_bytes_and_the_digest() {
    let content = noise(1200, 6);
    let blind = blind_of(&SEED, b"x");
    let mut leaves = Vec::new();
    for (i, part) in content.chunks(512).enumerate() {
        let number = [i as u8, 0, 0, 0, 0, 0, 0, 0];
        leaves.push([&hmac_sha256(&blind, &number)[..16], &crate_sha256(part)].concat());
    }
    assert_eq!(leaves.iter().map(Vec::len).collect::<Vec<_>>(), [48, 48, 48]);
    assert_eq!(chunks_root(&content, 512, &blind), head_by_stack(&leaves));
}
