// Command image makes the container images from binaries, without an engine and without a registry: an OCI layout each, with an
// image for each platform. The same binaries and date give the same digests.
//
//	image -version v1.2.3 -revision SHA -date 2026-11-28T00:00:00Z -out dist/images halocheck:linux/amd64=FILE halocheckd:linux/amd64=FILE
package main

import (
	"archive/tar"
	"bytes"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// The user that runs in a container: the one that distroless images call nonroot.
const user = "65532:65532"

// programs is the folder where the images have their program.
const programs = "/usr/local/bin/"

// container is what an image starts. What is given behind its name is added to the arguments, and wins over them.
type container struct {
	program string
	args    []string
	ports   []string
	state   string // a folder of the user's own that outlives the container; empty: there is none
}

var containers = map[string]container{
	"halocheck": {program: "halocheck"},
	"fakehalo": {
		program: "halocheck", args: []string{"fake", "--addr", "0.0.0.0:8443", "--admin-addr", "0.0.0.0:8444", "--insecure-listen"},
		ports: []string{"8443/tcp", "8444/tcp"},
	},
	"halocheckd": {program: "halocheckd", ports: []string{"8080/tcp"}, state: "/state"},
}

// release is what an image is made from.
type release struct {
	version, revision string
	date              time.Time
	root              string            // of the checkout, for the licences
	binaries          map[string]string // program:platform to file
}

func main() {
	var r release
	var date, out string
	flag.StringVar(&r.version, "version", "", "the version")
	flag.StringVar(&r.revision, "revision", "", "the commit")
	flag.StringVar(&date, "date", "", "the commit's date, RFC 3339")
	flag.StringVar(&r.root, "root", "../..", "the checkout")
	flag.StringVar(&out, "out", "", "the folder to write to")
	flag.Parse()
	var err error
	if r.date, err = time.Parse(time.RFC3339, date); err == nil {
		r.binaries = map[string]string{}
		for _, arg := range flag.Args() {
			program, file, _ := strings.Cut(arg, "=")
			r.binaries[program] = file
		}
		err = r.write(out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

// write makes a layout for each image and prints its digest.
func (r release) write(out string) error {
	for _, name := range slices.Sorted(maps.Keys(containers)) {
		index := v1.ImageIndex(mutate.IndexMediaType(empty.Index, types.OCIImageIndex))
		for _, platform := range []string{"linux/amd64", "linux/arm64"} {
			binary := r.binaries[containers[name].program+":"+platform]
			if binary == "" {
				continue
			}
			image, err := r.image(name, platform, binary)
			if err != nil {
				return fmt.Errorf("%s %s: %w", name, platform, err)
			}
			at, err := v1.ParsePlatform(platform)
			if err != nil {
				return err
			}
			index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: at}})
		}
		folder := filepath.Join(out, name)
		if err := os.RemoveAll(folder); err != nil {
			return err
		}
		if _, err := layout.Write(folder, index); err != nil {
			return err
		}
		digest, err := index.Digest()
		if err != nil {
			return err
		}
		fmt.Println(digest, folder)
	}
	return nil
}

// image is one image of a platform.
func (r release) image(name, platform, binary string) (v1.Image, error) {
	c := containers[name]
	layer, err := r.layer(c, binary)
	if err != nil {
		return nil, err
	}
	image, err := mutate.AppendLayers(mutate.MediaType(mutate.ConfigMediaType(empty.Image, types.OCIConfigJSON), types.OCIManifestSchema1), layer)
	if err != nil {
		return nil, err
	}
	at, err := v1.ParsePlatform(platform)
	if err != nil {
		return nil, err
	}
	config := v1.Config{
		User: user, Entrypoint: append([]string{programs + c.program}, c.args...), Env: []string{"PATH=" + strings.TrimSuffix(programs, "/")}, WorkingDir: "/",
		Labels: map[string]string{
			"org.opencontainers.image.title": name, "org.opencontainers.image.version": r.version, "org.opencontainers.image.revision": r.revision,
			"org.opencontainers.image.source": "https://github.com/halocheck/halocheck", "org.opencontainers.image.licenses": "Apache-2.0",
		},
	}
	for _, port := range c.ports {
		if config.ExposedPorts == nil {
			config.ExposedPorts = map[string]struct{}{}
		}
		config.ExposedPorts[port] = struct{}{}
	}
	if c.state != "" {
		config.WorkingDir, config.Volumes = c.state, map[string]struct{}{c.state: {}}
	}
	return mutate.ConfigFile(image, &v1.ConfigFile{
		Architecture: at.Architecture, OS: at.OS, Created: v1.Time{Time: r.date}, Config: config,
		RootFS: v1.RootFS{Type: "layers", DiffIDs: []v1.Hash{must(layer.DiffID())}}, History: []v1.History{{Created: v1.Time{Time: r.date}, CreatedBy: "tools/image"}},
	})
}

func must(h v1.Hash, err error) v1.Hash {
	if err != nil {
		panic(err) // the layer is in memory
	}
	return h
}

// layer is the whole file system: the program, whom it runs as, its licences, and a folder for temporary files.
func (r release) layer(c container, binary string) (v1.Layer, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	add := func(name string, mode int64, content []byte) error {
		h := &tar.Header{Name: name, Mode: mode, Size: int64(len(content)), ModTime: r.date, Typeflag: tar.TypeReg, Format: tar.FormatPAX}
		if strings.HasSuffix(name, "/") {
			h.Typeflag = tar.TypeDir
		}
		if c.state != "" && name == c.state[1:]+"/" {
			h.Uid, h.Gid = 65532, 65532
		}
		if err := w.WriteHeader(h); err != nil {
			return err
		}
		_, err := w.Write(content)
		return err
	}
	type file struct {
		name, from string
		mode       int64
		content    string
	}
	files := []file{
		{name: "etc/", mode: 0o755},
		{name: "etc/passwd", mode: 0o644, content: "root:x:0:0::/:/sbin/nologin\nhalocheck:x:65532:65532::/:/sbin/nologin\n"},
		{name: "etc/group", mode: 0o644, content: "root:x:0:\nhalocheck:x:65532:\n"},
		{name: "etc/hosts", mode: 0o644, content: "127.0.0.1 localhost\n::1 localhost\n"}, // an engine brings its own
		{name: "tmp/", mode: 0o1777},
		{name: "usr/", mode: 0o755},
		{name: "usr/local/", mode: 0o755},
		{name: "usr/local/bin/", mode: 0o755},
		{name: programs[1:] + c.program, mode: 0o755, from: binary},
		{name: "usr/share/", mode: 0o755},
		{name: "usr/share/doc/", mode: 0o755},
		{name: "usr/share/doc/halocheck/", mode: 0o755},
		{name: "usr/share/doc/halocheck/LICENSE", mode: 0o644, from: filepath.Join(r.root, "LICENSE")},
		{name: "usr/share/doc/halocheck/NOTICE", mode: 0o644, from: filepath.Join(r.root, "NOTICE")},
	}
	if c.state != "" {
		files = append(files, file{name: c.state[1:] + "/", mode: 0o700})
	}
	for _, f := range files {
		content := []byte(f.content)
		if f.from != "" {
			var err error
			if content, err = os.ReadFile(f.from); err != nil {
				return nil, err
			}
		}
		if err := add(f.name, f.mode, content); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil }, tarball.WithMediaType(types.OCILayer))
}
