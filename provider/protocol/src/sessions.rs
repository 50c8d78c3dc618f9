//! Who serves which connection.
//!
//! A host starts one process per configured provider, and its connections are one session. A reattached process serves
//! many hosts and aliases at once, each on a connection of its own: there every connection is a session, so that
//! no host sees the configuration of another.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use tfplugin_framework::schema::Schema;
use tfplugin_framework::server::Server;
use tfplugin_framework::{Provider, Type};

/// Makes a provider.
pub(crate) type Make<P> = Arc<dyn Fn() -> P + Send + Sync>;

/// A configured (or not yet configured) provider and the types of its values.
pub(crate) struct Served<P: Provider> {
    pub(crate) server: Server<P>,
    types: OnceLock<Types>,
}

struct Types {
    provider: Type,
    resources: BTreeMap<String, Type>,
    data_sources: BTreeMap<String, Type>,
}

impl<P: Provider> Served<P> {
    fn new(provider: P) -> Self {
        Self {
            server: Server::new(provider),
            types: OnceLock::new(),
        }
    }

    /// The type of the provider's configuration.
    pub(crate) fn provider_type(&self) -> &Type {
        &self.types().provider
    }

    /// The type of a resource, if there is one of this name.
    pub(crate) fn resource_type(&self, type_name: &str) -> Option<&Type> {
        self.types().resources.get(type_name)
    }

    /// The type of a data source, if there is one of this name.
    pub(crate) fn data_source_type(&self, type_name: &str) -> Option<&Type> {
        self.types().data_sources.get(type_name)
    }

    fn types(&self) -> &Types {
        self.types.get_or_init(|| {
            let schema = self.server.schema();
            let of = |schemas: &BTreeMap<String, Schema>| {
                schemas
                    .iter()
                    .map(|(name, schema)| (name.clone(), schema.value_type()))
                    .collect()
            };
            Types {
                provider: schema.provider.value_type(),
                resources: of(&schema.resources),
                data_sources: of(&schema.data_sources),
            }
        })
    }
}

/// The place for the provider of a session, filled on first use.
type Slot<P> = OnceLock<Arc<Served<P>>>;

/// What the calls of one connection share; the provider is made by the first of them.
pub(crate) struct Session<P: Provider> {
    served: Arc<Slot<P>>,
    make: Make<P>,
}

impl<P: Provider> Clone for Session<P> {
    fn clone(&self) -> Self {
        Self {
            served: self.served.clone(),
            make: self.make.clone(),
        }
    }
}

impl<P: Provider> Session<P> {
    fn new(make: Make<P>) -> Self {
        Self {
            served: Arc::default(),
            make,
        }
    }

    /// The provider of this session.
    pub(crate) fn served(&self) -> Arc<Served<P>> {
        self.served.get_or_init(|| Arc::new(Served::new((self.make)()))).clone()
    }
}

/// All sessions of this process.
pub(crate) struct Sessions<P: Provider> {
    make: Make<P>,
    shared: Option<Session<P>>,
    open: Mutex<Vec<Weak<Slot<P>>>>,
}

impl<P: Provider> Sessions<P> {
    /// One session for all connections.
    pub(crate) fn one(make: Make<P>) -> Self {
        let shared = Session::new(make.clone());
        let open = Mutex::new(vec![Arc::downgrade(&shared.served)]);
        Self {
            make,
            shared: Some(shared),
            open,
        }
    }

    /// A session for each connection.
    pub(crate) fn per_connection(make: Make<P>) -> Self {
        Self {
            make,
            shared: None,
            open: Mutex::default(),
        }
    }

    /// The session of a new connection.
    pub(crate) fn open(&self) -> Session<P> {
        if let Some(shared) = &self.shared {
            return shared.clone();
        }
        let session = Session::new(self.make.clone());
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|session| session.strong_count() > 0);
        open.push(Arc::downgrade(&session.served));
        session
    }

    /// Cancels all work in flight.
    pub(crate) fn stop(&self) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for session in open.iter().filter_map(Weak::upgrade) {
            if let Some(served) = session.get() {
                served.server.stop();
            }
        }
    }
}
