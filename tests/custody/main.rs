//! Custody and trust as people use them: hand-overs between parties that each have keys and a file of their own.

#[path = "../desk/mod.rs"]
mod desk;
mod bench;
mod story;
mod tampered;
mod model;
mod trust;
mod refused;
mod releases;
mod receipts;
mod joined;
