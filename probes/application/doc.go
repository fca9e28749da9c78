// Package application judges the API application: its permissions, which are the scopes of its token, and its name. What
// only an administrator may read is asked with the admin credentials, where there are any.
package application
