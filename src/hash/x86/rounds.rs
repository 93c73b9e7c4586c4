//! The rounds of SHA-256 over lanes (FIPS 180-4 section 6.2.2), the same text for every vector width.
//!
//! The macros use the functions of the file that calls them: `add`, `splat`, `choose`, `majority`, `big_sigma0`,
//! `big_sigma1`, `small_sigma0`, `small_sigma1` (section 4.1.2).

/// Repeats a macro for the rounds 0 to 15 of a row. Literal numbers keep all of a lane group's words in registers;
/// only rows are a loop: with all 64 rounds written out, two lane groups would not fit the instruction cache.
macro_rules! sixteen {
    ($round:ident) => {
        $round!(0);
        $round!(1);
        $round!(2);
        $round!(3);
        $round!(4);
        $round!(5);
        $round!(6);
        $round!(7);
        $round!(8);
        $round!(9);
        $round!(10);
        $round!(11);
        $round!(12);
        $round!(13);
        $round!(14);
        $round!(15);
    };
}

/// Round `t` of a row with the message word `w`. Instead of moving a to h, their places rotate: after eight rounds, and
/// so after a row, each is back where it was. What comes late, e and a of the round before, is added last.
macro_rules! round {
    ($state:expr, $t:literal, $w:expr, $k:expr) => {{
        const A: usize = (16 - $t) % 8;
        let state = &mut $state;
        let [a, b, c, d] = [state[A], state[(A + 1) % 8], state[(A + 2) % 8], state[(A + 3) % 8]];
        let [e, f, g, h] = [state[(A + 4) % 8], state[(A + 5) % 8], state[(A + 6) % 8], state[(A + 7) % 8]];
        let t1 = add(add(add(h, add($w, $k)), choose(e, f, g)), big_sigma1(e));
        state[(A + 3) % 8] = add(d, t1);
        state[(A + 7) % 8] = add(t1, add(big_sigma0(a), majority(a, b, c)));
    }};
}

/// The next message word in the place of the one sixteen rounds ago.
macro_rules! next_word {
    ($words:expr, $t:literal) => {{
        let words = &mut $words;
        let early = add(words[$t], small_sigma0(words[($t + 1) % 16]));
        words[$t] = add(early, add(words[($t + 9) % 16], small_sigma1(words[($t + 14) % 16])));
        words[$t]
    }};
}

pub(super) use {next_word, round, sixteen};
