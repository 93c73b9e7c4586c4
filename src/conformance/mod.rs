//! Anyone's verifier over the corpus (SPEC.md section 20): what each scenario expects, what the verifier reports, and
//! where the two differ. Nothing here knows how a bundle is verified.

mod terms;
mod damage;
mod scenario;
mod corpus;
mod verifier;
mod report;
mod compare;
mod trial;

pub use compare::{Comparison, Difference, compare_output};
pub use corpus::{Case, Corpus, CorpusError};
pub use scenario::{Scenario, ScenarioError};
pub use trial::{TrialError, run};
pub use verifier::{RunError, Verifier};
