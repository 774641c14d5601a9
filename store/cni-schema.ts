/** What CNI plugins keep beside their attachments: addresses, host ports, and objects that several attachments share. */
export const cniSchema = `
  CREATE TABLE cni_leases (
    pool TEXT NOT NULL, address TEXT NOT NULL, holder TEXT NOT NULL, boot TEXT NOT NULL, file TEXT, PRIMARY KEY (pool, address)
  ) WITHOUT ROWID;
  CREATE INDEX cni_leases_holder ON cni_leases (pool, holder);
  CREATE TABLE cni_ports (
    protocol TEXT NOT NULL, port INTEGER NOT NULL, host_ip TEXT NOT NULL, holder TEXT NOT NULL, PRIMARY KEY (protocol, port, host_ip)
  ) WITHOUT ROWID;
  CREATE INDEX cni_ports_holder ON cni_ports (holder);
  CREATE TABLE cni_shared (
    object TEXT NOT NULL, holder TEXT NOT NULL, PRIMARY KEY (object, holder)
  ) WITHOUT ROWID;
  CREATE INDEX cni_shared_holder ON cni_shared (holder);
  CREATE TABLE cni_made (object TEXT PRIMARY KEY) WITHOUT ROWID;`
