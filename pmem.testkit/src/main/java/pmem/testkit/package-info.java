/// Contract tests and crash simulation for implementers of pmem.api.
package pmem.testkit;
