package settings

// EnvironmentTopic lists the variables from where they are declared.
func (t Table) EnvironmentTopic() string {
	return `A flag wins over its variable, a variable over the file of --config. An empty variable counts as unset.

` + t.variables() + `
A check of --fake reads TERM and NO_COLOR alone.`
}

// ConfigTopic shows a configuration file and lists what it may hold.
func (t Table) ConfigTopic() string {
	return `--config FILE reads settings from YAML: the names of the flags without the dashes, one to a line. What may be repeated is a
list. With url in it, a file is one customer: halocheck check --config acme.yaml

  url: https://acme.halopsa.com
  auth-url: https://acme.halopsa.com/auth/
  tenant: acme
  client-id: 0f8fad5b-d9cb-469f-a165-70867728950e
  client-secret-file: /run/secrets/halo
  team: [Service Desk, Projects]
  timeout: 90s

A secret itself does not belong into it; client-secret-file names the file that holds one. There are

` + t.entries()
}

// SecretsTopic says where a secret may come from.
func (t Table) SecretsTopic() string {
	files, variables, references := t.secrets()
	return `A secret is never an argument, since everybody on the machine sees those, and never part of an inventory or a
configuration file. ` + files + ` name

  FILE          a file that holds it on one line; one trailing newline is dropped
  -             standard input
  keyring:NAME  an entry of the operating system's keyring; a file of such a name is ./keyring:NAME

Else it is in ` + variables + `, or asked for on a terminal. ` + references + ` of an
inventory name

  file:PATH        a file, relative to the inventory's folder: a mounted Kubernetes secret, too
  env:NAME         a variable
  keyring:NAME     an entry of the keyring
  credential:NAME  a systemd credential: NAME in the folder that CREDENTIALS_DIRECTORY names, from LoadCredential=NAME:PATH
                   or LoadCredentialEncrypted=; a folder loaded as LoadCredential=halo:DIR has halo_FILE for each file

There {name} stands for the instance's name. An entry of the keyring is filed under the service halocheck with NAME
as the account. It is put there by

  Linux    secret-tool store --label='HaloPSA acme' service halocheck username acme
  macOS    security add-generic-password -s halocheck -a acme -w
  Windows  cmdkey /generic:halocheck:acme /user:acme /pass

which ask for it. A keyring has to be unlocked, so it is for a machine at which somebody is logged in. Linux' is the default
collection of the Secret Service (gnome-keyring, KWallet, KeePassXC) on the session bus; macOS' is read with security(1),
which drops blanks around a secret.`
}
