-- What every installation starts with: CEA Querétaro, its explotaciones with configuration and an office each, the
-- SAT's codes, and the lookup values. Ids are derived from names (UUID v5), so that running this again changes
-- nothing and the same row has the same id in every database.

-- Partitions of the tables that grow by time, now that owners are settled.
select supra.ensure_partitions();

create function pg_temp.seed_id(name text) returns uuid
language sql immutable
return public.uuid_generate_v5('8af0cef8-e4d3-5079-81a6-117e09c50182', name);

-- The utility ------------------------------------------------------------------------------------

insert into tenants (id, slug, name, rfc, fiscal_address, config)
values (
    pg_temp.seed_id('tenant/cea-queretaro'),
    'cea-queretaro',
    'Comisión Estatal de Aguas de Querétaro',
    'CEA800313C95',
    '{
        "calle": "Av. 5 de Febrero", "numero_exterior": "35", "colonia": "Las Campanas",
        "municipio": "Querétaro", "estado": "Querétaro", "pais": "MEX", "codigo_postal": "76010"
    }',
    '{"time_zone": "America/Mexico_City", "language": "es-MX", "currency": "MXN"}'
)
on conflict do nothing;

-- Thirteen operating units, each in a municipality of INEGI's catalogue. They serve all of the state's eighteen but
-- San Juan del Río, which has a utility of its own; the domain MUNICIPIO below tells which unit serves which.
insert into explotaciones (id, tenant_id, code, name, municipality, inegi_cve_mun, billing_config)
select
    pg_temp.seed_id('explotacion/cea-queretaro/' || unit.code),
    pg_temp.seed_id('tenant/cea-queretaro'),
    unit.code,
    'Administración ' || unit.municipality,
    unit.municipality,
    unit.inegi,
    jsonb_build_object('billing_period', 'mensual', 'serie', unit.serie)
from (values
    ('01', 'Querétaro', '22014', 'QRO'),
    ('02', 'Corregidora', '22006', 'COR'),
    ('03', 'El Marqués', '22011', 'MAR'),
    ('04', 'Pedro Escobedo', '22012', 'PED'),
    ('05', 'Tequisquiapan', '22017', 'TEQ'),
    ('06', 'Ezequiel Montes', '22007', 'EZE'),
    ('07', 'Amealco de Bonfil', '22001', 'AME'),
    ('08', 'Huimilpan', '22008', 'HUI'),
    ('09', 'Cadereyta de Montes', '22004', 'CAD'),
    ('10', 'Colón', '22005', 'COL'),
    ('11', 'Tolimán', '22018', 'TOL'),
    ('12', 'Jalpan de Serra', '22009', 'JAL'),
    ('13', 'Pinal de Amoles', '22002', 'PIN')
) as unit (code, municipality, inegi, serie)
on conflict do nothing;

insert into offices (id, tenant_id, explotacion_id, code, name, address)
select
    pg_temp.seed_id('office/cea-queretaro/' || desk.code),
    pg_temp.seed_id('tenant/cea-queretaro'),
    pg_temp.seed_id('explotacion/cea-queretaro/' || desk.code),
    'OF-' || desk.code,
    'Oficina ' || desk.municipality,
    jsonb_strip_nulls(jsonb_build_object(
        'calle', desk.street, 'numero_exterior', desk.number, 'colonia', desk.colonia,
        'municipio', desk.municipality, 'estado', 'Querétaro', 'pais', 'MEX', 'codigo_postal', desk.zip_code
    ))
from (values
    ('01', 'Querétaro', 'Av. 5 de Febrero', '35', 'Las Campanas', '76010'),
    ('02', 'Corregidora', 'Domicilio conocido', null, 'El Pueblito', '76900'),
    ('03', 'El Marqués', 'Domicilio conocido', null, 'La Cañada', '76240'),
    ('04', 'Pedro Escobedo', 'Domicilio conocido', null, 'Centro', '76700'),
    ('05', 'Tequisquiapan', 'Domicilio conocido', null, 'Centro', '76750'),
    ('06', 'Ezequiel Montes', 'Domicilio conocido', null, 'Centro', '76650'),
    ('07', 'Amealco de Bonfil', 'Domicilio conocido', null, 'Centro', '76850'),
    ('08', 'Huimilpan', 'Domicilio conocido', null, 'Centro', '76950'),
    ('09', 'Cadereyta de Montes', 'Domicilio conocido', null, 'Centro', '76500'),
    ('10', 'Colón', 'Domicilio conocido', null, 'Centro', '76270'),
    ('11', 'Tolimán', 'Domicilio conocido', null, 'Centro', '76600'),
    ('12', 'Jalpan de Serra', 'Domicilio conocido', null, 'Centro', '76340'),
    ('13', 'Pinal de Amoles', 'Domicilio conocido', null, 'Centro', '76300')
) as desk (code, municipality, street, number, colonia, zip_code)
on conflict do nothing;

-- The plan's defaults, written out so that SQL can read them; what is left empty has its own defaults.
insert into explotacion_configs (id, tenant_id, explotacion_id, billing, collections, cutoff, fiscal)
select
    pg_temp.seed_id('explotacion_config/cea-queretaro/' || unit.code),
    unit.tenant_id,
    unit.id,
    '{
        "cycle_days": 30, "max_months": 12, "auto_create": false, "simulation_mode": false,
        "require_approval": true, "billing_group_size": 1000, "invoice_copies": 1
    }',
    '{
        "grace_days": 15, "surcharge_rate": "0.02", "interest_rate": "0", "min_debt_for_cut": "500.00",
        "max_payment_plan_months": 24, "vulnerability_protection": true
    }',
    '{"min_debt": "500.00", "min_overdue_invoices": 2, "notice_days": 10}',
    jsonb_build_object(
        'vat_rules', jsonb_build_array(
            jsonb_build_object('concept', 'agua', 'category', 'domestica', 'rate', '0'),
            jsonb_build_object('concept', 'agua', 'category', 'comercial', 'rate', '0.16'),
            jsonb_build_object('concept', 'agua', 'category', 'industrial', 'rate', '0.16'),
            jsonb_build_object('concept', 'alcantarillado', 'rate', '0.16'),
            jsonb_build_object('concept', 'saneamiento', 'rate', '0.16')
        ),
        'cfdi_defaults', jsonb_build_object(
            'fiscal_regime', '603', 'cfdi_use', 'S01', 'payment_method', 'PPD', 'payment_form', '99',
            'serie', unit.billing_config ->> 'serie'
        )
    )
from explotaciones as unit
where unit.tenant_id = pg_temp.seed_id('tenant/cea-queretaro')
on conflict do nothing;

insert into work_order_types (id, tenant_id, code, name, default_priority, estimated_minutes)
select
    pg_temp.seed_id('work_order_type/cea-queretaro/' || kind.code),
    pg_temp.seed_id('tenant/cea-queretaro'),
    kind.code, kind.name, kind.priority, kind.minutes
from (values
    ('instalacion_toma', 'Instalación de toma', 'normal', 240),
    ('instalacion_medidor', 'Instalación de medidor', 'normal', 90),
    ('cambio_medidor', 'Cambio de medidor', 'normal', 60),
    ('verificacion_medidor', 'Verificación de medidor', 'normal', 60),
    ('verificacion_lectura', 'Verificación de lectura', 'normal', 20),
    ('fuga', 'Reparación de fuga', 'urgente', 180),
    ('corte', 'Corte del servicio', 'normal', 30),
    ('reduccion', 'Reducción del caudal', 'normal', 30),
    ('reconexion', 'Reconexión del servicio', 'alta', 30),
    ('inspeccion', 'Inspección domiciliaria', 'normal', 45),
    ('inspeccion_fraude', 'Inspección por posible fraude', 'alta', 60),
    ('baja_toma', 'Baja y retiro de toma', 'baja', 120),
    ('desazolve', 'Desazolve de drenaje', 'alta', 120),
    ('baja_presion', 'Revisión por falta de agua o baja presión', 'alta', 60),
    ('calidad_agua', 'Toma de muestra por calidad del agua', 'alta', 45)
) as kind (code, name, priority, minutes)
on conflict do nothing;

insert into sla_definitions
    (id, tenant_id, entity_type, category, priority, response_hours, resolution_hours)
select
    pg_temp.seed_id('sla/cea-queretaro/' || concat_ws('/', rule.entity, rule.category, rule.priority)),
    pg_temp.seed_id('tenant/cea-queretaro'),
    rule.entity, rule.category, rule.priority, rule.response, rule.resolution
from (values
    ('work_order', 'fuga', 'urgente', 4, 24),
    ('work_order', 'reconexion', 'alta', 8, 48),
    ('work_order', 'baja_presion', 'alta', 8, 48),
    ('work_order', 'corte', 'normal', 24, 120),
    ('work_order', 'cambio_medidor', 'normal', 48, 240),
    ('contact', 'reporte_fuga', 'urgente', 1, 24),
    ('contact', 'queja', 'alta', 24, 120),
    ('contact', 'reclamacion', 'normal', 24, 240),
    ('contact', 'consulta', 'normal', 8, 48),
    ('contact', 'solicitud', 'normal', 24, 120),
    ('fraud_case', 'toma_clandestina', 'alta', 48, 720)
) as rule (entity, category, priority, response, resolution)
on conflict do nothing;

insert into payment_channels (id, tenant_id, code, name, channel_type)
select
    pg_temp.seed_id('payment_channel/cea-queretaro/' || channel.code),
    pg_temp.seed_id('tenant/cea-queretaro'),
    channel.code, channel.name, channel.kind
from (values
    ('ventanilla', 'Cajas de las oficinas', 'ventanilla'),
    ('banco', 'Ventanilla bancaria', 'banco'),
    ('spei', 'Transferencia SPEI', 'spei'),
    ('domiciliacion', 'Cargo a cuenta (domiciliación)', 'domiciliacion'),
    ('oxxo', 'Tiendas OXXO', 'tienda'),
    ('portal', 'Portal y aplicación', 'digital'),
    ('gestor', 'Gestor de cobro', 'gestor_cobro')
) as channel (code, name, kind)
on conflict do nothing;

-- The SAT's catalogues for CFDI 4.0, as far as a water utility needs them ---------------------------

insert into sat_catalogs (id, catalog_type, code, description, metadata)
select
    pg_temp.seed_id('sat/' || entry.catalog_type || '/' || entry.code),
    entry.catalog_type, entry.code, entry.description, entry.metadata::jsonb
from (values
    -- The plan's three codes mean something else in the official catalogue. They stay, marked.
    (
        'producto_servicio', '10171500', 'Suministro de agua',
        '{
            "needs_review": true, "suggested_code": "83101501",
            "review_note": "En el catálogo del SAT es: Abonos orgánicos y nutrientes para plantas"
        }'
    ),
    (
        'producto_servicio', '72151802', 'Servicio de alcantarillado',
        '{
            "needs_review": true, "suggested_code": "83101500",
            "review_note": "En el catálogo del SAT es: Servicio de refacción y reparación de componentes de maquinaria"
        }'
    ),
    (
        'producto_servicio', '72151801', 'Servicio de saneamiento',
        '{
            "needs_review": true, "suggested_code": "76121701",
            "review_note": "En el catálogo del SAT es: Instalación y mantenimiento cajeros automáticos"
        }'
    ),
    ('producto_servicio', '83101500', 'Servicios de acueducto y alcantarillado', '{}'),
    ('producto_servicio', '83101501', 'Abastecimiento de agua', '{}'),
    ('producto_servicio', '83101504', 'Gestión de distribución del agua', '{}'),
    ('producto_servicio', '83101506', 'Servicios de tratamiento de aguas', '{}'),
    ('producto_servicio', '83101508', 'Agua para la ciudad', '{}'),
    ('producto_servicio', '83101509', 'Agua para servicios', '{}'),
    ('producto_servicio', '76121700', 'Tratamiento de desechos líquidos', '{}'),
    ('producto_servicio', '76121701', 'Servicios de tratamiento de aguas negras', '{}'),
    ('producto_servicio', '41112504', 'Medidores de agua', '{}'),
    ('producto_servicio', '41112505', 'Repuestos para medidores de agua', '{}'),
    ('producto_servicio', '70171602', 'Servicios de pruebas de agua', '{}'),
    ('producto_servicio', '72151100', 'Servicios de construcción de plomería', '{}'),
    ('producto_servicio', '84111506', 'Servicios de facturación', '{}'),
    ('producto_servicio', '01010101', 'No existe en el catálogo', '{}'),
    ('unidad', 'MTQ', 'Metro cúbico', '{}'),
    ('unidad', 'E48', 'Unidad de servicio', '{}'),
    ('unidad', 'H87', 'Pieza', '{}'),
    ('unidad', 'ACT', 'Actividad', '{}'),
    ('unidad', 'LTR', 'Litro', '{}'),
    ('unidad', 'MTR', 'Metro', '{}'),
    ('unidad', 'MON', 'Mes', '{}'),
    ('unidad', 'DAY', 'Día', '{}'),
    ('unidad', 'HUR', 'Hora', '{}'),
    ('forma_pago', '01', 'Efectivo', '{}'),
    ('forma_pago', '02', 'Cheque nominativo', '{}'),
    ('forma_pago', '03', 'Transferencia electrónica de fondos', '{}'),
    ('forma_pago', '04', 'Tarjeta de crédito', '{}'),
    ('forma_pago', '05', 'Monedero electrónico', '{}'),
    ('forma_pago', '06', 'Dinero electrónico', '{}'),
    ('forma_pago', '08', 'Vales de despensa', '{}'),
    ('forma_pago', '12', 'Dación en pago', '{}'),
    ('forma_pago', '13', 'Pago por subrogación', '{}'),
    ('forma_pago', '14', 'Pago por consignación', '{}'),
    ('forma_pago', '15', 'Condonación', '{}'),
    ('forma_pago', '17', 'Compensación', '{}'),
    ('forma_pago', '23', 'Novación', '{}'),
    ('forma_pago', '24', 'Confusión', '{}'),
    ('forma_pago', '25', 'Remisión de deuda', '{}'),
    ('forma_pago', '26', 'Prescripción o caducidad', '{}'),
    ('forma_pago', '27', 'A satisfacción del acreedor', '{}'),
    ('forma_pago', '28', 'Tarjeta de débito', '{}'),
    ('forma_pago', '29', 'Tarjeta de servicios', '{}'),
    ('forma_pago', '30', 'Aplicación de anticipos', '{}'),
    ('forma_pago', '31', 'Intermediario pagos', '{}'),
    ('forma_pago', '99', 'Por definir', '{}'),
    ('metodo_pago', 'PUE', 'Pago en una sola exhibición', '{}'),
    ('metodo_pago', 'PPD', 'Pago en parcialidades o diferido', '{}'),
    ('tipo_comprobante', 'I', 'Ingreso', '{}'),
    ('tipo_comprobante', 'E', 'Egreso', '{}'),
    ('tipo_comprobante', 'P', 'Pago', '{}'),
    ('objeto_impuesto', '01', 'No objeto de impuesto', '{}'),
    ('objeto_impuesto', '02', 'Sí objeto de impuesto', '{}'),
    ('objeto_impuesto', '03', 'Sí objeto del impuesto y no obligado al desglose', '{}'),
    ('impuesto', '001', 'ISR', '{}'),
    ('impuesto', '002', 'IVA', '{}'),
    ('impuesto', '003', 'IEPS', '{}'),
    ('tipo_factor', 'Tasa', 'Tasa', '{}'),
    ('tipo_factor', 'Cuota', 'Cuota', '{}'),
    ('tipo_factor', 'Exento', 'Exento', '{}'),
    -- A rate of 0% is not an exemption: the tax is due, at nought.
    ('tasa_iva', '0.000000', 'IVA tasa 0%', '{"rate": "0"}'),
    ('tasa_iva', '0.160000', 'IVA tasa 16%', '{"rate": "0.16"}'),
    ('moneda', 'MXN', 'Peso Mexicano', '{}'),
    ('moneda', 'XXX', 'Los códigos asignados para las transacciones en que intervenga ninguna moneda', '{}'),
    ('exportacion', '01', 'No aplica', '{}'),
    ('motivo_cancelacion', '01', 'Comprobante emitido con errores con relación', '{}'),
    ('motivo_cancelacion', '02', 'Comprobante emitido con errores sin relación', '{}'),
    ('motivo_cancelacion', '03', 'No se llevó a cabo la operación', '{}'),
    ('motivo_cancelacion', '04', 'Operación nominativa relacionada en una factura global', '{}'),
    ('tipo_relacion', '01', 'Nota de crédito de los documentos relacionados', '{}'),
    ('tipo_relacion', '02', 'Nota de débito de los documentos relacionados', '{}'),
    ('tipo_relacion', '03', 'Devolución de mercancía sobre facturas o traslados previos', '{}'),
    ('tipo_relacion', '04', 'Sustitución de los CFDI previos', '{}'),
    ('tipo_relacion', '07', 'CFDI por aplicación de anticipo', '{}'),
    ('periodicidad', '01', 'Diario', '{}'),
    ('periodicidad', '02', 'Semanal', '{}'),
    ('periodicidad', '03', 'Quincenal', '{}'),
    ('periodicidad', '04', 'Mensual', '{}'),
    ('periodicidad', '05', 'Bimestral', '{}'),
    ('regimen_fiscal', '601', 'General de Ley Personas Morales', '{"fisica": false, "moral": true}'),
    ('regimen_fiscal', '603', 'Personas Morales con Fines no Lucrativos', '{"fisica": false, "moral": true}'),
    ('regimen_fiscal', '605', 'Sueldos y Salarios e Ingresos Asimilados a Salarios', '{"fisica": true, "moral": false}'),
    ('regimen_fiscal', '606', 'Arrendamiento', '{"fisica": true, "moral": false}'),
    ('regimen_fiscal', '607', 'Régimen de Enajenación o Adquisición de Bienes', '{"fisica": true, "moral": false}'),
    ('regimen_fiscal', '608', 'Demás ingresos', '{"fisica": true, "moral": false}'),
    ('regimen_fiscal', '610', 'Residentes en el Extranjero sin Establecimiento Permanente en México', '{"fisica": true, "moral": true}'),
    ('regimen_fiscal', '611', 'Ingresos por Dividendos (socios y accionistas)', '{"fisica": true, "moral": false}'),
    ('regimen_fiscal', '612', 'Personas Físicas con Actividades Empresariales y Profesionales', '{"fisica": true, "moral": false}'),
    ('regimen_fiscal', '614', 'Ingresos por intereses', '{"fisica": true, "moral": false}'),
    ('regimen_fiscal', '615', 'Régimen de los ingresos por obtención de premios', '{"fisica": true, "moral": false}'),
    ('regimen_fiscal', '616', 'Sin obligaciones fiscales', '{"fisica": true, "moral": false}'),
    ('regimen_fiscal', '620', 'Sociedades Cooperativas de Producción que optan por diferir sus ingresos', '{"fisica": false, "moral": true}'),
    ('regimen_fiscal', '621', 'Incorporación Fiscal', '{"fisica": true, "moral": false}'),
    ('regimen_fiscal', '622', 'Actividades Agrícolas, Ganaderas, Silvícolas y Pesqueras', '{"fisica": false, "moral": true}'),
    ('regimen_fiscal', '623', 'Opcional para Grupos de Sociedades', '{"fisica": false, "moral": true}'),
    ('regimen_fiscal', '624', 'Coordinados', '{"fisica": false, "moral": true}'),
    ('regimen_fiscal', '625', 'Régimen de las Actividades Empresariales con ingresos a través de Plataformas Tecnológicas', '{"fisica": true, "moral": false}'),
    ('regimen_fiscal', '626', 'Régimen Simplificado de Confianza', '{"fisica": true, "moral": true}'),
    ('uso_cfdi', 'G01', 'Adquisición de mercancías', '{"fisica": true, "moral": true}'),
    ('uso_cfdi', 'G02', 'Devoluciones, descuentos o bonificaciones', '{"fisica": true, "moral": true}'),
    ('uso_cfdi', 'G03', 'Gastos en general', '{"fisica": true, "moral": true}'),
    ('uso_cfdi', 'I01', 'Construcciones', '{"fisica": true, "moral": true}'),
    ('uso_cfdi', 'I08', 'Otra maquinaria y equipo', '{"fisica": true, "moral": true}'),
    ('uso_cfdi', 'S01', 'Sin efectos fiscales', '{"fisica": true, "moral": true}'),
    ('uso_cfdi', 'CP01', 'Pagos', '{"fisica": true, "moral": true}')
) as entry (catalog_type, code, description, metadata)
on conflict do nothing;

-- Lookup values ------------------------------------------------------------------------------------

-- Global values. Where a table checks its codes, the domain has exactly those.
insert into domain_values (id, tenant_id, domain, code, description, sort_order)
select
    pg_temp.seed_id('domain/' || entry.domain || '/' || entry.code),
    null,
    entry.domain, entry.code, entry.description, entry.sort_order
from (values
    ('TIPO_TOMA', 1, 'domestica', 'Doméstica'),
    ('TIPO_TOMA', 2, 'comercial', 'Comercial'),
    ('TIPO_TOMA', 3, 'industrial', 'Industrial'),
    ('TIPO_TOMA', 4, 'gobierno', 'Gobierno'),
    ('TIPO_TOMA', 5, 'mixta', 'Mixta'),
    ('TIPO_TOMA', 6, 'rural', 'Rural'),
    ('TIPO_TOMA', 7, 'hidrante', 'Hidrante'),
    ('TIPO_TOMA', 8, 'fuente', 'Fuente pública'),
    ('TIPO_TOMA', 9, 'temporal', 'Temporal'),
    ('CATEGORIA_TARIFA', 1, 'domestica', 'Doméstica'),
    ('CATEGORIA_TARIFA', 2, 'comercial', 'Comercial'),
    ('CATEGORIA_TARIFA', 3, 'industrial', 'Industrial'),
    ('CATEGORIA_TARIFA', 4, 'gobierno', 'Público oficial'),
    ('CATEGORIA_TARIFA', 5, 'mixta', 'Mixta'),
    ('CATEGORIA_TARIFA', 6, 'rural', 'Rural'),
    ('CATEGORIA_TARIFA', 7, 'social', 'Social'),
    ('ESTADO_TOMA', 1, 'pendiente_alta', 'Pendiente de alta'),
    ('ESTADO_TOMA', 2, 'activa', 'Activa'),
    ('ESTADO_TOMA', 3, 'cortada', 'Cortada'),
    ('ESTADO_TOMA', 4, 'suspendida', 'Suspendida'),
    ('ESTADO_TOMA', 5, 'clausurada', 'Clausurada'),
    ('ESTADO_TOMA', 6, 'baja', 'Baja'),
    ('ESTADO_ACOMETIDA', 1, 'activa', 'Activa'),
    ('ESTADO_ACOMETIDA', 2, 'inactiva', 'Inactiva'),
    ('ESTADO_ACOMETIDA', 3, 'clausurada', 'Clausurada'),
    ('TIPO_FACTURACION', 1, 'medido', 'Servicio medido'),
    ('TIPO_FACTURACION', 2, 'cuota_fija', 'Cuota fija'),
    ('TIPO_FACTURACION', 3, 'estimado', 'Estimado'),
    ('PERIODO_FACTURACION', 1, 'mensual', 'Mensual'),
    ('PERIODO_FACTURACION', 2, 'bimestral', 'Bimestral'),
    ('PERIODO_FACTURACION', 3, 'trimestral', 'Trimestral'),
    ('TIPO_MEDIDOR', 1, 'volumetrico', 'Volumétrico'),
    ('TIPO_MEDIDOR', 2, 'velocidad', 'De velocidad'),
    ('TIPO_MEDIDOR', 3, 'electromagnetico', 'Electromagnético'),
    ('TIPO_MEDIDOR', 4, 'ultrasonico', 'Ultrasónico'),
    ('TIPO_MEDIDOR', 5, 'smart', 'Inteligente'),
    ('ESTADO_MEDIDOR', 1, 'activo', 'Activo'),
    ('ESTADO_MEDIDOR', 2, 'inactivo', 'Inactivo'),
    ('ESTADO_MEDIDOR', 3, 'averiado', 'Averiado'),
    ('ESTADO_MEDIDOR', 4, 'retirado', 'Retirado'),
    ('ESTADO_MEDIDOR', 5, 'en_almacen', 'En almacén'),
    ('TIPO_INMUEBLE', 1, 'casa', 'Casa habitación'),
    ('TIPO_INMUEBLE', 2, 'departamento', 'Departamento'),
    ('TIPO_INMUEBLE', 3, 'local', 'Local comercial'),
    ('TIPO_INMUEBLE', 4, 'oficina', 'Oficina'),
    ('TIPO_INMUEBLE', 5, 'nave', 'Nave industrial'),
    ('TIPO_INMUEBLE', 6, 'escuela', 'Escuela'),
    ('TIPO_INMUEBLE', 7, 'hospital', 'Hospital o clínica'),
    ('TIPO_INMUEBLE', 8, 'terreno', 'Terreno'),
    ('TIPO_DIRECCION', 1, 'callejero', 'Del callejero'),
    ('TIPO_DIRECCION', 2, 'correspondencia', 'De correspondencia'),
    ('TIPO_DIRECCION', 3, 'fiscal', 'Fiscal'),
    ('TIPO_DIRECCION', 4, 'libre', 'Libre'),
    ('TIPO_PERSONA', 1, 'fisica', 'Persona física'),
    ('TIPO_PERSONA', 2, 'moral', 'Persona moral'),
    ('TIPO_CONTACTO_PERSONA', 1, 'telefono_movil', 'Teléfono móvil'),
    ('TIPO_CONTACTO_PERSONA', 2, 'telefono_fijo', 'Teléfono fijo'),
    ('TIPO_CONTACTO_PERSONA', 3, 'whatsapp', 'WhatsApp'),
    ('TIPO_CONTACTO_PERSONA', 4, 'email', 'Correo electrónico'),
    ('TIPO_VULNERABILIDAD', 1, 'adulto_mayor', 'Adulto mayor'),
    ('TIPO_VULNERABILIDAD', 2, 'discapacidad', 'Persona con discapacidad'),
    ('TIPO_VULNERABILIDAD', 3, 'jubilado', 'Jubilado o pensionado'),
    ('TIPO_VULNERABILIDAD', 4, 'enfermedad', 'Enfermedad crónica'),
    ('TIPO_VULNERABILIDAD', 5, 'jefa_familia', 'Jefa de familia'),
    ('TIPO_VULNERABILIDAD', 6, 'pobreza', 'Pobreza'),
    ('ESTADO_CONTRATO', 1, 'pendiente', 'Pendiente'),
    ('ESTADO_CONTRATO', 2, 'activo', 'Activo'),
    ('ESTADO_CONTRATO', 3, 'suspendido', 'Suspendido'),
    ('ESTADO_CONTRATO', 4, 'baja', 'Baja'),
    ('ESTADO_CONTRATO', 5, 'cancelado', 'Cancelado'),
    ('MOTIVO_BAJA', 1, 'cambio_titular', 'Cambio de titular'),
    ('MOTIVO_BAJA', 2, 'solicitud', 'A solicitud del titular'),
    ('MOTIVO_BAJA', 3, 'demolicion', 'Demolición del inmueble'),
    ('MOTIVO_BAJA', 4, 'adeudo', 'Adeudo'),
    ('MOTIVO_BAJA', 5, 'duplicado', 'Contrato duplicado'),
    ('MOTIVO_CORTE', 1, 'adeudo', 'Adeudo'),
    ('MOTIVO_CORTE', 2, 'solicitud', 'A solicitud del titular'),
    ('MOTIVO_CORTE', 3, 'fraude', 'Uso fraudulento'),
    ('MOTIVO_CORTE', 4, 'fuga', 'Fuga interna'),
    ('MOTIVO_CORTE', 5, 'predio_desocupado', 'Predio desocupado'),
    ('FORMA_PAGO_CONTRATO', 1, 'ventanilla', 'En ventanilla'),
    ('FORMA_PAGO_CONTRATO', 2, 'domiciliacion', 'Domiciliación bancaria'),
    ('FORMA_PAGO_CONTRATO', 3, 'digital', 'Portal o aplicación'),
    ('FORMA_PAGO_CONTRATO', 4, 'oxxo', 'Tiendas OXXO'),
    ('FORMA_PAGO_CONTRATO', 5, 'gestor_cobro', 'Gestor de cobro'),
    ('ORIGEN_LECTURA', 1, 'manual_field', 'En campo'),
    ('ORIGEN_LECTURA', 2, 'manual_office', 'En oficina'),
    ('ORIGEN_LECTURA', 3, 'smart_meter', 'Medidor inteligente'),
    ('ORIGEN_LECTURA', 4, 'telelectura', 'Telelectura'),
    ('ORIGEN_LECTURA', 5, 'autolectura', 'Autolectura'),
    ('ORIGEN_LECTURA', 6, 'photo', 'Fotografía'),
    ('ORIGEN_LECTURA', 7, 'estimated', 'Estimada'),
    ('ORIGEN_LECTURA', 8, 'api', 'Otro sistema'),
    ('ESTADO_LECTURA', 1, 'valid', 'Válida'),
    ('ESTADO_LECTURA', 2, 'suspicious', 'Sospechosa'),
    ('ESTADO_LECTURA', 3, 'estimated', 'Estimada'),
    ('ESTADO_LECTURA', 4, 'corrected', 'Corregida'),
    ('ESTADO_LECTURA', 5, 'rejected', 'Rechazada'),
    ('TIPO_ANOMALIA', 1, 'consumo_cero', 'Consumo cero'),
    ('TIPO_ANOMALIA', 2, 'consumo_alto', 'Consumo muy alto'),
    ('TIPO_ANOMALIA', 3, 'consumo_bajo', 'Consumo muy bajo'),
    ('TIPO_ANOMALIA', 4, 'lectura_menor', 'Lectura menor que la anterior'),
    ('TIPO_ANOMALIA', 5, 'vuelta_medidor', 'El medidor dio la vuelta'),
    ('TIPO_ANOMALIA', 6, 'medidor_parado', 'Medidor parado'),
    ('TIPO_ANOMALIA', 7, 'medidor_danado', 'Medidor dañado'),
    ('TIPO_ANOMALIA', 8, 'medidor_ilegible', 'Carátula ilegible'),
    ('TIPO_ANOMALIA', 9, 'sin_acceso', 'Sin acceso al medidor'),
    ('TIPO_ANOMALIA', 10, 'fuga_interna', 'Posible fuga interna'),
    ('TIPO_ANOMALIA', 11, 'posible_fraude', 'Posible fraude'),
    ('ESTADO_FACTURA', 1, 'provisional', 'Provisional'),
    ('ESTADO_FACTURA', 2, 'pendiente', 'Pendiente de pago'),
    ('ESTADO_FACTURA', 3, 'impagada', 'Vencida'),
    ('ESTADO_FACTURA', 4, 'pagada', 'Pagada'),
    ('ESTADO_FACTURA', 5, 'cancelada', 'Cancelada'),
    ('CONCEPTO_FACTURA', 1, 'agua', 'Agua potable'),
    ('CONCEPTO_FACTURA', 2, 'alcantarillado', 'Alcantarillado'),
    ('CONCEPTO_FACTURA', 3, 'saneamiento', 'Saneamiento'),
    ('CONCEPTO_FACTURA', 4, 'recargos', 'Recargos'),
    ('CONCEPTO_FACTURA', 5, 'reconexion', 'Reconexión'),
    ('CONCEPTO_FACTURA', 6, 'contratacion', 'Derechos de contratación'),
    ('ESTADO_PAGO', 1, 'aplicado', 'Aplicado'),
    ('ESTADO_PAGO', 2, 'pendiente', 'Pendiente'),
    ('ESTADO_PAGO', 3, 'rechazado', 'Rechazado'),
    ('ESTADO_PAGO', 4, 'cancelado', 'Cancelado'),
    ('ESTADO_PAGO', 5, 'devuelto', 'Devuelto'),
    ('ESTADO_CONVENIO', 1, 'propuesto', 'Propuesto'),
    ('ESTADO_CONVENIO', 2, 'activo', 'Activo'),
    ('ESTADO_CONVENIO', 3, 'cumplido', 'Cumplido'),
    ('ESTADO_CONVENIO', 4, 'incumplido', 'Incumplido'),
    ('ESTADO_CONVENIO', 5, 'cancelado', 'Cancelado'),
    ('PRIORIDAD', 1, 'urgente', 'Urgente'),
    ('PRIORIDAD', 2, 'alta', 'Alta'),
    ('PRIORIDAD', 3, 'normal', 'Normal'),
    ('PRIORIDAD', 4, 'baja', 'Baja'),
    ('ESTADO_ORDEN', 1, 'pendiente', 'Pendiente'),
    ('ESTADO_ORDEN', 2, 'asignada', 'Asignada'),
    ('ESTADO_ORDEN', 3, 'en_ruta', 'En ruta'),
    ('ESTADO_ORDEN', 4, 'en_proceso', 'En proceso'),
    ('ESTADO_ORDEN', 5, 'completada', 'Completada'),
    ('ESTADO_ORDEN', 6, 'no_realizada', 'No realizada'),
    ('ESTADO_ORDEN', 7, 'cancelada', 'Cancelada'),
    ('TIPO_ORDEN', 1, 'instalacion_toma', 'Instalación de toma'),
    ('TIPO_ORDEN', 2, 'instalacion_medidor', 'Instalación de medidor'),
    ('TIPO_ORDEN', 3, 'cambio_medidor', 'Cambio de medidor'),
    ('TIPO_ORDEN', 4, 'verificacion_medidor', 'Verificación de medidor'),
    ('TIPO_ORDEN', 5, 'verificacion_lectura', 'Verificación de lectura'),
    ('TIPO_ORDEN', 6, 'fuga', 'Reparación de fuga'),
    ('TIPO_ORDEN', 7, 'corte', 'Corte del servicio'),
    ('TIPO_ORDEN', 8, 'reduccion', 'Reducción del caudal'),
    ('TIPO_ORDEN', 9, 'reconexion', 'Reconexión del servicio'),
    ('TIPO_ORDEN', 10, 'inspeccion', 'Inspección domiciliaria'),
    ('TIPO_ORDEN', 11, 'inspeccion_fraude', 'Inspección por posible fraude'),
    ('TIPO_ORDEN', 12, 'baja_toma', 'Baja y retiro de toma'),
    ('TIPO_ORDEN', 13, 'desazolve', 'Desazolve de drenaje'),
    ('TIPO_ORDEN', 14, 'baja_presion', 'Revisión por falta de agua o baja presión'),
    ('TIPO_ORDEN', 15, 'calidad_agua', 'Toma de muestra por calidad del agua'),
    ('RESULTADO_ORDEN', 1, 'realizada', 'Realizada'),
    ('RESULTADO_ORDEN', 2, 'sin_acceso', 'Sin acceso'),
    ('RESULTADO_ORDEN', 3, 'no_localizado', 'Domicilio no localizado'),
    ('RESULTADO_ORDEN', 4, 'usuario_se_opone', 'El usuario se opone'),
    ('RESULTADO_ORDEN', 5, 'falta_material', 'Falta de material'),
    ('RESULTADO_ORDEN', 6, 'no_procede', 'No procede'),
    ('TIPO_CONTACTO', 1, 'consulta', 'Consulta'),
    ('TIPO_CONTACTO', 2, 'queja', 'Queja'),
    ('TIPO_CONTACTO', 3, 'reclamacion', 'Reclamación'),
    ('TIPO_CONTACTO', 4, 'solicitud', 'Solicitud'),
    ('TIPO_CONTACTO', 5, 'reporte_fuga', 'Reporte de fuga'),
    ('TIPO_CONTACTO', 6, 'sugerencia', 'Sugerencia'),
    ('TIPO_CONTACTO', 7, 'denuncia', 'Denuncia'),
    ('ESTADO_CONTACTO', 1, 'abierto', 'Abierto'),
    ('ESTADO_CONTACTO', 2, 'en_proceso', 'En proceso'),
    ('ESTADO_CONTACTO', 3, 'en_espera', 'En espera'),
    ('ESTADO_CONTACTO', 4, 'resuelto', 'Resuelto'),
    ('ESTADO_CONTACTO', 5, 'cerrado', 'Cerrado'),
    ('ESTADO_CONTACTO', 6, 'cancelado', 'Cancelado'),
    ('CANAL_CONTACTO', 1, 'ventanilla', 'Ventanilla'),
    ('CANAL_CONTACTO', 2, 'telefono', 'Teléfono'),
    ('CANAL_CONTACTO', 3, 'whatsapp', 'WhatsApp'),
    ('CANAL_CONTACTO', 4, 'email', 'Correo electrónico'),
    ('CANAL_CONTACTO', 5, 'portal', 'Portal'),
    ('CANAL_CONTACTO', 6, 'app', 'Aplicación'),
    ('CANAL_CONTACTO', 7, 'redes_sociales', 'Redes sociales'),
    ('CANAL_CONTACTO', 8, 'carta', 'Carta'),
    ('TIPO_FRAUDE', 1, 'toma_clandestina', 'Toma clandestina'),
    ('TIPO_FRAUDE', 2, 'medidor_alterado', 'Medidor alterado'),
    ('TIPO_FRAUDE', 3, 'derivacion', 'Derivación antes del medidor'),
    ('TIPO_FRAUDE', 4, 'reconexion_no_autorizada', 'Reconexión no autorizada'),
    ('TIPO_FRAUDE', 5, 'uso_distinto', 'Uso distinto del contratado'),
    ('TIPO_FRAUDE', 6, 'otro', 'Otro'),
    ('ESTADO_FRAUDE', 1, 'abierto', 'Abierto'),
    ('ESTADO_FRAUDE', 2, 'en_investigacion', 'En investigación'),
    ('ESTADO_FRAUDE', 3, 'confirmado', 'Confirmado'),
    ('ESTADO_FRAUDE', 4, 'descartado', 'Descartado'),
    ('ESTADO_FRAUDE', 5, 'cerrado', 'Cerrado'),
    ('ESTADO_COMUNICACION', 1, 'pendiente', 'Pendiente'),
    ('ESTADO_COMUNICACION', 2, 'enviado', 'Enviado'),
    ('ESTADO_COMUNICACION', 3, 'entregado', 'Entregado'),
    ('ESTADO_COMUNICACION', 4, 'leido', 'Leído'),
    ('ESTADO_COMUNICACION', 5, 'fallido', 'Fallido'),
    ('ESTADO_COMUNICACION', 6, 'recibido', 'Recibido'),
    ('DERECHO_ARCO', 1, 'acceso', 'Acceso'),
    ('DERECHO_ARCO', 2, 'rectificacion', 'Rectificación'),
    ('DERECHO_ARCO', 3, 'cancelacion', 'Cancelación'),
    ('DERECHO_ARCO', 4, 'oposicion', 'Oposición')
) as entry (domain, sort_order, code, description)
on conflict do nothing;

-- Municipalities of the state, by INEGI's key, and the unit of this utility that serves each.
insert into domain_values (id, tenant_id, domain, code, description, sort_order, extra)
select
    pg_temp.seed_id('domain/cea-queretaro/MUNICIPIO/' || entry.code),
    pg_temp.seed_id('tenant/cea-queretaro'),
    'MUNICIPIO', entry.code, entry.name, right(entry.code, 3)::integer,
    case
        when entry.unit is null then jsonb_build_object('served', false)
        else jsonb_build_object('served', true, 'explotacion', entry.unit)
    end
from (values
    ('22001', 'Amealco de Bonfil', '07'),
    ('22002', 'Pinal de Amoles', '13'),
    ('22003', 'Arroyo Seco', '12'),
    ('22004', 'Cadereyta de Montes', '09'),
    ('22005', 'Colón', '10'),
    ('22006', 'Corregidora', '02'),
    ('22007', 'Ezequiel Montes', '06'),
    ('22008', 'Huimilpan', '08'),
    ('22009', 'Jalpan de Serra', '12'),
    ('22010', 'Landa de Matamoros', '12'),
    ('22011', 'El Marqués', '03'),
    ('22012', 'Pedro Escobedo', '04'),
    ('22013', 'Peñamiller', '11'),
    ('22014', 'Querétaro', '01'),
    ('22015', 'San Joaquín', '09'),
    ('22016', 'San Juan del Río', null),
    ('22017', 'Tequisquiapan', '05'),
    ('22018', 'Tolimán', '11')
) as entry (code, name, unit)
on conflict do nothing;

-- What an anomaly of a reading, or a customer's contact, usually leads to; and what a concept is to the SAT.
insert into domain_value_links (link_type, source_domain, source_code, target_domain, target_code)
values
('genera_orden', 'TIPO_ANOMALIA', 'consumo_alto', 'TIPO_ORDEN', 'verificacion_lectura'),
('genera_orden', 'TIPO_ANOMALIA', 'lectura_menor', 'TIPO_ORDEN', 'verificacion_lectura'),
('genera_orden', 'TIPO_ANOMALIA', 'medidor_parado', 'TIPO_ORDEN', 'cambio_medidor'),
('genera_orden', 'TIPO_ANOMALIA', 'medidor_danado', 'TIPO_ORDEN', 'cambio_medidor'),
('genera_orden', 'TIPO_ANOMALIA', 'fuga_interna', 'TIPO_ORDEN', 'inspeccion'),
('genera_orden', 'TIPO_ANOMALIA', 'posible_fraude', 'TIPO_ORDEN', 'inspeccion_fraude'),
('genera_orden', 'TIPO_CONTACTO', 'reporte_fuga', 'TIPO_ORDEN', 'fuga'),
('genera_orden', 'TIPO_CONTACTO', 'denuncia', 'TIPO_ORDEN', 'inspeccion_fraude'),
('clave_sat', 'CONCEPTO_FACTURA', 'agua', 'producto_servicio', '83101501'),
('clave_sat', 'CONCEPTO_FACTURA', 'alcantarillado', 'producto_servicio', '83101500'),
('clave_sat', 'CONCEPTO_FACTURA', 'saneamiento', 'producto_servicio', '76121701')
on conflict do nothing;

drop function pg_temp.seed_id(text);
