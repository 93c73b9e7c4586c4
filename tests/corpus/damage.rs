//! What was damaged or lost on the way, and what is proven in spite of it.

use crate::kit::layout::{self, index, manifest, payload};
use crate::kit::{Members, MembersExt, Plan, Scenario, scenario};

pub fn scenarios() -> Vec<Scenario> {
    [frames()].into_iter().flatten().collect()
}

fn members() -> Members {
    Plan::base().members()
}

/// A byte in the middle of these frames is changed.
fn damage_frames(members: Members, frames: &[(usize, usize)]) -> Members {
    let plan = Plan::base();
    frames.iter().fold(members, |members, (segment, frame)| {
        members.flipped(&payload(*segment), layout::middle_of(&plan, *segment, *frame))
    })
}

fn frames() -> Vec<Scenario> {
    let plan = Plan::base();
    vec![
        scenario("frame_damaged_in_a_large_file", "VER-2 VER-11 VER-12", "A damaged frame of a file of many chunks: its chunks are lost, all others are proven.")
            .members(damage_frames(members(), &[(1, 2)]))
            .fails("V-5 V-8")
            .frames(&plan, 1, &[2], "damaged"),
    ]
}

#[allow(dead_code)]
fn unused() {
    let _ = (index(0), manifest(0));
}
