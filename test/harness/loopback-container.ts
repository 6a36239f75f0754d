import { GenericContainer } from 'testcontainers';

/** A container whose ports are there for this machine alone. A module of its own, because testcontainers takes long to load. */
export class LoopbackContainer extends GenericContainer {
  /** Memory that it may use, all in all. */
  withMemory(bytes: number): this {
    this.hostConfig.Memory = bytes;
    return this;
  }

  /** A volume without a name, which goes with the container. */
  withVolume(target: string): this {
    this.hostConfig.Mounts = [{ Type: 'volume', Source: '', Target: target }];
    return this;
  }

  protected override async beforeContainerCreated(): Promise<void> {
    const bindings: { HostIp?: string }[][] = Object.values(this.hostConfig.PortBindings ?? {});
    for (const binding of bindings.flat()) binding.HostIp = '127.0.0.1';
  }
}
