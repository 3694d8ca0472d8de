//! What stays the same of a finding when lines move.

use std::collections::BTreeMap;

use crate::rules::Finding;
use crate::source::Sources;

/// The fingerprints of findings, in their order; equal ones are told apart by `:2`, `:3`...
pub fn fingerprints(findings: &[Finding], sources: &Sources) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    findings
        .iter()
        .map(|finding| {
            let hash = hash(finding, sources);
            let count = seen.entry(hash.clone()).or_default();
            *count += 1;
            if *count == 1 { hash } else { format!("{hash}:{count}") }
        })
        .collect()
}

/// 16 bytes in hexadecimal, over what identifies a finding but for its lines.
fn hash(finding: &Finding, sources: &Sources) -> String {
    // The names of the contract, not those of the code.
    let write_paths = serde_json::to_string(&finding.write_paths).unwrap_or_default();
    let parts = [
        finding.rule.code,
        finding.model.as_deref().unwrap_or_default(),
        finding.entry.as_deref().unwrap_or_default(),
        &finding.subject,
        &sources.file(finding.location.file).project_path,
        &write_paths,
    ];
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        // The length keeps "ab", "c" and "a", "bc" apart.
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex()[..32].to_owned()
}
