//! A proxy, its app and its name server, on addresses of their own.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use e2etls_lab::kubelet::{At, Files, LonePod, NameServer};
use e2etls_lab::lab::setup;
use e2etls_resources::proxy::render::spec::{
    Certificate, CertificateSource, Http, Isolation, IsolationMode, Mode, Pod, Profile, Protocol, ProxySpec, Upstream,
};
use e2etls_resources::proxy::render::{mistakes, render};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use serde_json::{Value, json};

use crate::app::App;

/// The name that every proxy of these tests serves.
pub(crate) const HOST: &str = "shop.example.com";
/// A load balancer, and somebody else.
pub(crate) const BALANCER: Ipv4Addr = Ipv4Addr::new(127, 77, 0, 1);
pub(crate) const STRANGER: Ipv4Addr = Ipv4Addr::new(127, 78, 0, 1);

/// What most people write, with `BALANCER` as load balancer.
pub(crate) fn everyday() -> ProxySpec {
    ProxySpec {
        template_version: 1,
        name: "shop".to_owned(),
        namespace: "web".to_owned(),
        mode: Mode::Gateway,
        server_names: vec![HOST.to_owned(), "*.shop.example.com".to_owned()],
        upstream: Upstream {
            service: None,
            selector: Some(BTreeMap::from([("app".to_owned(), "shop".to_owned())])),
            port: json!(crate::app::PORT),
            protocol: Protocol::Http.into(),
            ca_pem: None,
            server_name: None,
            client_certificate_secret: None,
        },
        certificate: Certificate::new(CertificateSource::Secret("shop-tls".to_owned())),
        profile: Profile::Intermediate.into(),
        http: Http::default(),
        isolation: Isolation {
            mode: IsolationMode::Enforce.into(),
            allow_from: Vec::new(),
            lb_cidrs: vec!["127.77.0.0/16".to_owned()],
        },
        replicas: Some(json!(1)),
        min_ready: None,
        pod: Pod::default(),
        object_names: BTreeMap::new(),
    }
}

/// A CA of this test.
#[derive(Clone)]
pub(crate) struct Authority(Arc<CertifiedIssuer<'static, KeyPair>>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params
            .distinguished_name
            .push(DnType::CommonName, "root of these tests");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a CA");
        Self(Arc::new(root))
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Certificate and key, in PEM form.
    pub(crate) fn leaf(&self, names: &[&str]) -> (String, String) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().expect("a key");
        let leaf = params.signed_by(&key, &*self.0).expect("a leaf");
        (leaf.pem(), key.serialize_pem())
    }
}

/// A running proxy.
pub(crate) struct Bench {
    pub(crate) pod: LonePod,
    pub(crate) app: App,
    pub(crate) names: NameServer,
    pub(crate) address: Ipv4Addr,
    pub(crate) app_address: Ipv4Addr,
    pub(crate) authority: Authority,
    files: Files,
    _dir: tempfile::TempDir,
}

/// A free address: processes have blocks of their own, tests of one process a number each.
pub(crate) fn address() -> Ipv4Addr {
    static NEXT: AtomicU16 = AtomicU16::new(1);
    let block = (std::process::id() % 4000) as u16;
    let [high, low] = block.to_be_bytes();
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    Ipv4Addr::new(127, 112 + high, low, u8::try_from(number).expect("few tests"))
}

impl Bench {
    pub(crate) async fn new(app: App, change: impl FnOnce(&mut ProxySpec)) -> Self {
        Self::start(app, change, |_, _| {}, true)
            .await
            .expect("the proxy starts")
    }

    /// `files` may change what is mounted; without `app_exists` the app has no name yet.
    pub(crate) async fn start(
        app: App,
        change: impl FnOnce(&mut ProxySpec),
        files: impl FnOnce(&mut Files, &Authority),
        app_exists: bool,
    ) -> std::io::Result<Self> {
        let app_address = address();
        let exists = app_exists.then_some(app_address);
        Self::with(app, change, files, Authority::new(), app_address, exists).await
    }

    /// One more Pod of a proxy, in front of an app that runs.
    pub(crate) async fn of(
        app: App,
        change: impl FnOnce(&mut ProxySpec),
        authority: Authority,
        app_address: Ipv4Addr,
    ) -> Self {
        let started = Self::with(app, change, |_, _| {}, authority, app_address, Some(app_address)).await;
        started.expect("the proxy starts")
    }

    async fn with(
        app: App,
        change: impl FnOnce(&mut ProxySpec),
        files: impl FnOnce(&mut Files, &Authority),
        authority: Authority,
        app_address: Ipv4Addr,
        exists: Option<Ipv4Addr>,
    ) -> std::io::Result<Self> {
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let mut spec = everyday();
        change(&mut spec);
        assert_eq!(mistakes(&spec, &[]), [], "the configuration is accepted");
        let address = address();
        let names = NameServer::default();
        if let Some(exists) = exists {
            names.set("shop-upstream.web", &[exists]);
        }
        let name_server = format!("127.0.0.1:{}", names.serve().await?);
        let objects = render(&spec);
        let object = |at: &str| &objects.iter().find(|part| part.address == at).expect("rendered").object;
        let mut mounted = Files::from([
            ("config".to_owned(), texts(&object("proxy/config")["data"])),
            ("tls".to_owned(), pair(&authority.leaf(&[HOST, "*.shop.example.com"]))),
        ]);
        files(&mut mounted, &authority);
        let dir = tempfile::tempdir()?;
        let at = At {
            dir: dir.path().to_owned(),
            address,
            nginx: setup::ensure()
                .expect("the lab is set up")
                .nginx()
                .expect("NGINX is there"),
            name_server,
        };
        let pod = LonePod::start(&object("proxy/deployment")["spec"]["template"], &mounted, at).await?;
        if !pod.wait_for("/run/e2etls/serving", Duration::from_secs(30)).await {
            return Err(std::io::Error::other(pod.log()));
        }
        Ok(Self {
            pod,
            app,
            names,
            address,
            app_address,
            authority,
            files: mounted,
            _dir: dir,
        })
    }

    /// A proxy with its app.
    pub(crate) async fn with_app(app: App, change: impl FnOnce(&mut ProxySpec)) -> Self {
        let bench = Self::new(app, change).await;
        bench.app.serve(bench.app_address, None).await;
        bench
    }

    /// Mounts a new certificate, as kubelet does after a renewal, and waits until it is served.
    pub(crate) async fn renew(&mut self) {
        let before = self.served();
        self.mount(&self.authority.leaf(&[HOST, "*.shop.example.com"]));
        for _ in 0..200 {
            if self.served() != before {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the renewed certificate is not served: {}", self.pod.log());
    }

    /// Mounts a certificate and key.
    pub(crate) fn mount(&mut self, given: &(String, String)) {
        self.files.insert("tls".to_owned(), pair(given));
        self.pod.update(&self.files).expect("mounted");
    }

    fn served(&self) -> Vec<u8> {
        std::fs::read(self.pod.path("/run/e2etls/served.pem")).unwrap_or_default()
    }
}

/// Files of a certificate.
pub(crate) fn pair((certificate, key): &(String, String)) -> BTreeMap<String, Vec<u8>> {
    BTreeMap::from([
        ("tls.crt".to_owned(), certificate.clone().into_bytes()),
        ("tls.key".to_owned(), key.clone().into_bytes()),
    ])
}

fn texts(data: &Value) -> BTreeMap<String, Vec<u8>> {
    let data = data.as_object().expect("data");
    data.iter()
        .map(|(name, text)| (name.clone(), text.as_str().unwrap_or_default().as_bytes().to_vec()))
        .collect()
}
