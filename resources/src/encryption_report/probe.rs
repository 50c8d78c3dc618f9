//! Live handshakes with the Pods that a report leads to, through the API server.

use std::collections::BTreeMap;
use std::time::Duration;

use e2etls_clients::kube::cluster::Cluster;
use e2etls_clients::kube::forward::Forwarded;
use e2etls_clients::tls::{Handshake, Plaintext, ProbeError, handshake_over, plaintext_over};
use e2etls_engine::refusal::{Answer, Refusal};
use e2etls_report::Report;
use e2etls_report::objects::PodPort;
use e2etls_report::probe::{Probed, Speaks};
use futures::{StreamExt as _, stream};
use jiff::Timestamp;

use crate::pki::{Certificate, Purpose, verify_any};
use crate::session::wording::told;

/// Pods that are asked at once.
const CONCURRENCY: usize = 16;
/// How long each answer is waited for.
const LIMIT: Duration = Duration::from_secs(5);
/// The kubelet connects to the loopback interface of the Pod. Of an address no name is sent, as load balancers send none.
const LOOPBACK: &str = "127.0.0.1";

/// How handshakes are judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Probing {
    /// CAs that certificates have to lead to; `None` if that is not asked.
    pub(crate) trusted: Option<Vec<Certificate>>,
}

/// Makes handshakes with all Pods that a report leads to, and takes in what they show. Returns what could not be asked, and why.
pub(crate) async fn probe(cluster: &Cluster, report: &mut Report, probing: &Probing) -> Vec<String> {
    let asked = report.ports().into_iter().map(|at| async move {
        let seen = look(cluster, &at, probing).await;
        (at, seen)
    });
    let seen: Vec<_> = stream::iter(asked).buffer_unordered(CONCURRENCY).collect().await;
    let (mut probed, mut missing) = (BTreeMap::new(), Vec::new());
    for (at, seen) in seen {
        match seen {
            Ok(found) => drop(probed.insert(at, found)),
            Err(why) if missing.contains(&why) => {}
            Err(why) => missing.push(why),
        }
    }
    report.take(&probed);
    missing.sort_unstable();
    missing
}

/// A handshake, then a request in plain text.
async fn look(cluster: &Cluster, at: &PodPort, probing: &Probing) -> Result<Probed, String> {
    let open = async || {
        let opened = cluster
            .objects
            .within(LIMIT)
            .forward(&at.namespace, &at.pod, at.port)
            .await;
        opened.map_err(|refusal| unopened(at, &refusal))
    };
    let mut first = open().await?;
    let shaken = handshake_over(&mut first.stream, LOOPBACK, LIMIT).await;
    if let (Err(_), Some(trouble)) = (&shaken, first.trouble().await) {
        return Err(format!(
            "Pod {}/{}, port {}: no connection through port-forward: {}",
            at.namespace,
            at.pod,
            at.port,
            trouble.trim()
        ));
    }
    let mut plaintext = ask(open().await?).await;
    if plaintext == Plaintext::Refused {
        // A connection that broke on the way looks like one that the Pod has closed: that rarely happens twice.
        plaintext = ask(open().await?).await;
    }
    Ok(match &shaken {
        Ok(handshake) => shown(handshake, plaintext, probing, Timestamp::now()),
        Err(error) => without(error, plaintext),
    })
}

/// What becomes of a request in plain text; what the kubelet could not connect to has not refused it.
async fn ask(mut connection: Forwarded) -> Plaintext {
    let seen = plaintext_over(&mut connection.stream, LOOPBACK, LIMIT).await;
    match connection.trouble().await {
        Some(_) => Plaintext::Unknown,
        None => seen,
    }
}

/// One sentence for all Pods that the same permission is missing for.
fn unopened(at: &PodPort, refusal: &Refusal) -> String {
    match refusal.answer {
        Answer::Forbidden(_) => format!(
            "No handshake was made with Pods in the namespace {}: the report needs the verbs `get` and `create` on \
             pods/portforward.",
            at.namespace
        ),
        _ => format!(
            "Pod {}/{}, port {}: no handshake was made: {}",
            at.namespace,
            at.pod,
            at.port,
            told(refusal)
        ),
    }
}

fn without(error: &ProbeError, plaintext: Plaintext) -> Probed {
    let (speaks, words) = match plaintext {
        Plaintext::Answered => (Speaks::Plain, "answers plain HTTP, and does not speak TLS".to_owned()),
        _ => (
            Speaks::Nothing,
            format!("completes no TLS handshake and does not answer plain HTTP ({error})"),
        ),
    };
    Probed {
        speaks,
        words,
        certificate: None,
        finding: None,
    }
}

fn shown(handshake: &Handshake, plaintext: Plaintext, probing: &Probing, now: Timestamp) -> Probed {
    let (speaks, plain) = match plaintext {
        Plaintext::Refused => (Speaks::TlsOnly, "refuses plain HTTP"),
        Plaintext::Answered => (Speaks::Tls, "answers plain HTTP, too"),
        Plaintext::Unknown => (Speaks::Unclear, "does not show whether it answers plain HTTP"),
    };
    let chain: Result<Vec<_>, _> = handshake.chain.iter().cloned().map(Certificate::from_der).collect();
    let judged = match &chain {
        Ok(chain) => judge(chain, probing, now),
        Err(error) => Err(error.to_string()),
    };
    let leads = match (&judged, &probing.trusted) {
        (Ok(()), Some(_)) => ", with a certificate that leads to a given CA",
        _ => "",
    };
    let leaf = chain.ok().and_then(|chain| chain.into_iter().next());
    Probed {
        speaks,
        words: format!(
            "negotiates {} with {}{leads}, and {plain}",
            handshake.protocol, handshake.group
        ),
        certificate: leaf.as_ref().map(described),
        finding: judged.err(),
    }
}

fn described(leaf: &Certificate) -> String {
    let names = if leaf.dns_names.is_empty() {
        "without a DNS name".to_owned()
    } else {
        format!("for {}", leaf.dns_names.join(", "))
    };
    format!(
        "a certificate {names}, issued by {}, valid until {}",
        leaf.issuer, leaf.not_after
    )
}

/// What is wrong with what a Pod shows: load balancers would accept it.
fn judge(chain: &[Certificate], probing: &Probing, now: Timestamp) -> Result<(), String> {
    let leaf = chain.first().ok_or("it shows no certificate")?;
    if leaf.not_after < now {
        return Err(format!("it shows a certificate that expired at {}", leaf.not_after));
    }
    let Some(trusted) = &probing.trusted else {
        return Ok(());
    };
    verify_any(chain, trusted, Purpose::Server, now)
        .map_err(|error| format!("it shows a certificate that does not lead to a given CA: {error}"))
}

#[cfg(test)]
mod tests {
    use std::io;

    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject as _;

    use super::*;
    use crate::pki::sample;

    fn now() -> Timestamp {
        "2026-11-28T00:00:00Z".parse().expect("a time")
    }

    fn handshake(pems: &[&str]) -> Handshake {
        let read = |pem: &&str| CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM");
        Handshake {
            protocol: "TLSv1.3",
            group: "X25519MLKEM768".to_owned(),
            cipher: String::new(),
            chain: pems.iter().map(read).collect(),
        }
    }

    fn trusting(pems: &[&str]) -> Probing {
        let trusted = pems.iter().map(|pem| Certificate::first(pem).expect("a CA")).collect();
        Probing { trusted: Some(trusted) }
    }

    #[test]
    fn words_say_what_was_seen_and_no_more() {
        let leaf = sample::root("root").leaf(&["a.example"], |_| ());
        for (plaintext, speaks, words) in [
            (
                Plaintext::Refused,
                Speaks::TlsOnly,
                "negotiates TLSv1.3 with X25519MLKEM768, and refuses plain HTTP",
            ),
            (
                Plaintext::Answered,
                Speaks::Tls,
                "negotiates TLSv1.3 with X25519MLKEM768, and answers plain HTTP, too",
            ),
            (
                Plaintext::Unknown,
                Speaks::Unclear,
                "negotiates TLSv1.3 with X25519MLKEM768, and does not show whether it answers plain HTTP",
            ),
        ] {
            let seen = shown(&handshake(&[&leaf]), plaintext, &Probing::default(), now());
            assert_eq!((seen.speaks, seen.words.as_str()), (speaks, words));
            assert_eq!(seen.finding, None);
            let certificate = "a certificate for a.example, issued by CN=root, valid until 2120-01-01T00:00:00Z";
            assert_eq!(seen.certificate.as_deref(), Some(certificate));
        }
        let error = ProbeError::Handshake(io::Error::other("no TLS"));
        for (plaintext, speaks, words) in [
            (
                Plaintext::Answered,
                Speaks::Plain,
                "answers plain HTTP, and does not speak TLS",
            ),
            (
                Plaintext::Refused,
                Speaks::Nothing,
                "completes no TLS handshake and does not answer plain HTTP (no TLS)",
            ),
            (
                Plaintext::Unknown,
                Speaks::Nothing,
                "completes no TLS handshake and does not answer plain HTTP (no TLS)",
            ),
        ] {
            let seen = without(&error, plaintext);
            assert_eq!((seen.speaks, seen.words.as_str()), (speaks, words));
        }
    }

    #[test]
    fn a_certificate_without_a_dns_name_is_named_as_such() {
        let leaf = sample::root("root").leaf(&[], |_| ());
        let seen = shown(&handshake(&[&leaf]), Plaintext::Refused, &Probing::default(), now());
        let certificate = "a certificate without a DNS name, issued by CN=root, valid until 2120-01-01T00:00:00Z";
        assert_eq!(seen.certificate.as_deref(), Some(certificate));
    }

    #[test]
    fn a_certificate_leads_to_one_of_the_given_cas_or_is_a_finding() {
        let (root, other) = (sample::root("root"), sample::root("other"));
        let leaf = root.leaf(&["a.example"], |_| ());
        let old = root.leaf(&["a.example"], |leaf| leaf.not_after = rcgen::date_time_ymd(2021, 1, 1));
        let broken = CertificateDer::from(vec![0x30, 0]);
        let seen = |chain: &[&str], probing| shown(&handshake(chain), Plaintext::Refused, &probing, now());
        let leads = |seen: &Probed| seen.words.contains("leads to a given CA");
        for (chain, probing, finding) in [
            (&[leaf.as_str()][..], Probing::default(), None),
            (&[&leaf], trusting(&[&root.pem]), None),
            (&[&leaf], trusting(&[&other.pem, &root.pem]), None),
            (&[&leaf], trusting(&[&other.pem]), Some("does not lead to a given CA")),
            (&[&old], Probing::default(), Some("expired at 2021-01-01T00:00:00Z")),
            (&[], Probing::default(), Some("it shows no certificate")),
        ] {
            let is_asked = probing.trusted.is_some();
            let seen = seen(chain, probing);
            let fits = match (&seen.finding, finding) {
                (None, None) => true,
                (Some(found), Some(wanted)) => found.contains(wanted),
                _ => false,
            };
            assert!(fits, "{:?} in place of {finding:?}", seen.finding);
            assert_eq!(leads(&seen), is_asked && finding.is_none(), "{}", seen.words);
        }
        let mut odd = handshake(&[]);
        odd.chain.push(broken);
        assert!(
            shown(&odd, Plaintext::Refused, &Probing::default(), now())
                .finding
                .is_some()
        );
    }
}
