//! What `scelle check` says of bundles, and `scelle treaty` of the Convention: for each family of rules a bundle that shows
//! what it asks for, and one that does not.

#[path = "../desk/mod.rs"]
mod desk;
mod rules;
mod treaty;
